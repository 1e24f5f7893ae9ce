package garage.s3api.access;

import garage.model.bucket.BucketSetting;
import garage.s3api.request.S3Request;
import garage.s3api.request.UnsetConfiguration;

/**
 * The actions of requests, as policies name them.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html">Policy
 *     actions for Amazon S3</a>
 */
final class PolicyActions {
  private static final String STORE_OBJECT = "s3:PutObject";

  private PolicyActions() {}

  static String of(S3Request.InBucket request) {
    return switch (request) {
      case S3Request.HeadBucket _, S3Request.ListObjects _, S3Request.ListObjectsV2 _ ->
          "s3:ListBucket";
      case S3Request.DeleteBucket _ -> "s3:DeleteBucket";
      case S3Request.GetBucketLocation _ -> "s3:GetBucketLocation";
      case S3Request.GetBucketVersioning _ -> "s3:GetBucketVersioning";
      case S3Request.ListObjectVersions _ -> "s3:ListBucketVersions";
      case S3Request.ListMultipartUploads _ -> "s3:ListBucketMultipartUploads";
      case S3Request.DeleteObjects _ -> "s3:DeleteObject";
      case S3Request.GetUnsetConfiguration r -> "s3:Get" + configuration(r.what());
      case S3Request.DeleteUnsetConfiguration r -> "s3:Put" + configuration(r.what());
      case S3Request.PutObjectLockConfiguration _ -> "s3:PutBucketObjectLockConfiguration";
      case S3Request.GetBucketSetting r -> "s3:Get" + setting(r.what());
      case S3Request.PutBucketSetting r -> "s3:Put" + setting(r.what());
      case S3Request.DeleteBucketSetting r ->
          (hasDeletion(r.what()) ? "s3:Delete" : "s3:Put") + setting(r.what());
      case S3Request.PutBucketLifecycleConfiguration _ -> "s3:PutLifecycleConfiguration";
      case S3Request.GetBucketPolicyStatus _ -> "s3:GetBucketPolicyStatus";
      case S3Request.GetBucketAcl _ -> "s3:GetBucketAcl";
      case S3Request.PutBucketAcl _ -> "s3:PutBucketAcl";
      case S3Request.OnObject r -> of(r);
    };
  }

  private static String of(S3Request.OnObject request) {
    return switch (request) {
      case S3Request.GetObject _, S3Request.HeadObject _ -> of("Get", request, "");
      case S3Request.PutObject _,
          S3Request.CopyObject _,
          S3Request.CreateMultipartUpload _,
          S3Request.UploadPart _,
          S3Request.UploadPartCopy _,
          S3Request.CompleteMultipartUpload _ ->
          STORE_OBJECT;
      case S3Request.DeleteObject _ -> of("Delete", request, "");
      case S3Request.AbortMultipartUpload _ -> "s3:AbortMultipartUpload";
      case S3Request.ListParts _ -> "s3:ListMultipartUploadParts";
      case S3Request.GetObjectAttributes _ -> of("Get", request, "Attributes");
      case S3Request.GetObjectAcl _ -> of("Get", request, "Acl");
      case S3Request.PutObjectAcl _ -> of("Put", request, "Acl");
      case S3Request.LockOfObject r -> "s3:" + r.operation(); // of every version
      case S3Request.GetObjectTagging _ -> of("Get", request, "Tagging");
      case S3Request.PutObjectTagging _ -> of("Put", request, "Tagging");
      case S3Request.DeleteObjectTagging _ -> of("Delete", request, "Tagging");
    };
  }

  /** An action that has another name where a version is meant. */
  private static String of(String verb, S3Request.OnObject request, String what) {
    return "s3:" + verb + (request.version() == null ? "Object" : "ObjectVersion") + what;
  }

  private static String setting(BucketSetting setting) {
    return switch (setting) {
      case ACL -> "BucketAcl";
      case CORS -> "BucketCORS";
      case LIFECYCLE -> "LifecycleConfiguration";
      case OWNERSHIP_CONTROLS -> "BucketOwnershipControls";
      case POLICY -> "BucketPolicy";
      case PUBLIC_ACCESS_BLOCK -> "BucketPublicAccessBlock";
      case TAGGING -> "BucketTagging";
      case VERSIONING -> "BucketVersioning";
      case WEBSITE -> "BucketWebsite";
    };
  }

  /** Whether taking it away is an action of its own. */
  private static boolean hasDeletion(BucketSetting setting) {
    return setting == BucketSetting.POLICY || setting == BucketSetting.WEBSITE;
  }

  private static String configuration(UnsetConfiguration what) {
    return switch (what) {
      case ACCELERATE -> "AccelerateConfiguration";
      case LOGGING -> "BucketLogging";
      case NOTIFICATION -> "BucketNotification";
      case REQUEST_PAYMENT -> "BucketRequestPayment";
      case ANALYTICS -> "AnalyticsConfiguration";
      case INTELLIGENT_TIERING -> "IntelligentTieringConfiguration";
      case INVENTORY -> "InventoryConfiguration";
      case METRICS -> "MetricsConfiguration";
      case ENCRYPTION -> "EncryptionConfiguration";
      case OBJECT_LOCK -> "BucketObjectLockConfiguration";
      case REPLICATION -> "ReplicationConfiguration";
    };
  }
}
