package garage.s3api.policy;

import java.util.Locale;
import java.util.Set;

/**
 * The condition keys a policy may use: those a request is asked for, and AWS's others, of which no
 * request here says anything.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html">Condition
 *     keys for Amazon S3</a>
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html">Global
 *     condition keys</a>
 */
final class ConditionKeys {
  /** Keys of the service, without {@code s3:}. */
  private static final Set<String> SERVICE =
      Set.of(
          "accessgrantsinstancearn",
          "accesspointnetworkorigin",
          "authtype",
          "bucketnamespace",
          "dataaccesspointaccount",
          "dataaccesspointarn",
          "delimiter",
          "if-match",
          "if-none-match",
          "inventoryaccessibleoptionalfields",
          "jobsuspendedcause",
          "locationconstraint",
          "max-keys",
          "object-lock-legal-hold",
          "object-lock-mode",
          "object-lock-remaining-retention-days",
          "object-lock-retain-until-date",
          "objectcreationoperation",
          "prefix",
          "resourceaccount",
          "signatureage",
          "signatureversion",
          "tlsversion",
          "versionid",
          "x-amz-acl",
          "x-amz-content-sha256",
          "x-amz-copy-source",
          "x-amz-grant-full-control",
          "x-amz-grant-read",
          "x-amz-grant-read-acp",
          "x-amz-grant-write",
          "x-amz-grant-write-acp",
          "x-amz-metadata-directive",
          "x-amz-object-ownership",
          "x-amz-server-side-encryption",
          "x-amz-server-side-encryption-aws-kms-key-id",
          "x-amz-server-side-encryption-customer-algorithm",
          "x-amz-storage-class",
          "x-amz-website-redirect-location");

  private ConditionKeys() {}

  static boolean isKnown(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    if (lower.startsWith("s3:")) {
      String name = lower.substring("s3:".length());
      return SERVICE.contains(name)
          || name.equals("requestobjecttagkeys")
          || name.startsWith("requestobjecttag/")
          || name.startsWith("existingobjecttag/")
          || name.startsWith("buckettag/");
    }
    return lower.startsWith("aws:") && lower.length() > "aws:".length();
  }
}
