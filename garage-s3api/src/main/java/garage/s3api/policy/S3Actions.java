package garage.s3api.policy;

import java.util.List;
import java.util.Locale;

/**
 * The actions AWS documents for S3, so that a misspelt one is refused and not stored for nothing.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html">Actions
 *     defined by Amazon S3</a>
 */
final class S3Actions {
  private static final List<String> NAMES =
      """
      AbortMultipartUpload BypassGovernanceRetention CreateBucket DeleteBucket
      DeleteBucketOwnershipControls DeleteBucketPolicy DeleteBucketPublicAccessBlock
      DeleteBucketWebsite DeleteObject DeleteObjectTagging DeleteObjectVersion
      DeleteObjectVersionTagging GetAccelerateConfiguration GetAnalyticsConfiguration
      GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketNotification
      GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy
      GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging
      GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration
      GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration
      GetMetricsConfiguration GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold
      GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl
      GetObjectVersionAttributes GetObjectVersionForReplication GetObjectVersionTagging
      GetObjectVersionTorrent GetReplicationConfiguration InitiateReplication ListAllMyBuckets
      ListBucket ListBucketMultipartUploads ListBucketVersions ListMultipartUploadParts
      ObjectOwnerOverrideToBucketOwner PutAccelerateConfiguration PutAnalyticsConfiguration
      PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification
      PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy
      PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning
      PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration
      PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration PutObject
      PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl
      PutObjectVersionTagging PutReplicationConfiguration ReplicateDelete ReplicateObject
      ReplicateTags RestoreObject
      """
          .strip()
          .lines()
          .flatMap(line -> List.of(line.split(" ")).stream())
          .map(name -> "s3:" + name.toLowerCase(Locale.ROOT))
          .toList();

  private S3Actions() {}

  /** Whether {@code pattern}, in lower case, is one of them or stands for some. */
  static boolean anyMatch(String pattern) {
    Wildcard wildcard = Wildcard.of(pattern);
    return NAMES.stream().anyMatch(wildcard::matchesLiterally);
  }
}
