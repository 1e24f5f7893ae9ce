package garage.s3api.access;

import garage.model.acl.AclPermission;
import garage.s3api.request.S3Request;

/**
 * The grant of an access control list that lets a request through.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions">How
 *     ACL permissions map to access policy permissions</a>
 */
sealed interface AclNeed {
  /** None does. */
  record None() implements AclNeed {}

  /** One in the list of the bucket. */
  record OnBucket(AclPermission permission) implements AclNeed {}

  /** One in the list of the object. */
  record OnObject(AclPermission permission) implements AclNeed {}

  /** One in the list of the bucket, and to have begun the upload. */
  record OnOwnUpload(String uploadId, AclPermission permission) implements AclNeed {}

  static AclNeed of(S3Request.InBucket request) {
    return switch (request) {
      case S3Request.HeadBucket _,
          S3Request.ListObjects _,
          S3Request.ListObjectsV2 _,
          S3Request.ListObjectVersions _,
          S3Request.ListMultipartUploads _ ->
          new OnBucket(AclPermission.READ);
      case S3Request.DeleteObjects _ -> new OnBucket(AclPermission.WRITE);
      case S3Request.GetBucketAcl _ -> new OnBucket(AclPermission.READ_ACP);
      case S3Request.PutBucketAcl _ -> new OnBucket(AclPermission.WRITE_ACP);
      case S3Request.DeleteBucket _,
          S3Request.GetBucketLocation _,
          S3Request.GetBucketVersioning _,
          S3Request.GetUnsetConfiguration _,
          S3Request.DeleteUnsetConfiguration _,
          S3Request.PutObjectLockConfiguration _,
          S3Request.GetBucketSetting _,
          S3Request.PutBucketSetting _,
          S3Request.DeleteBucketSetting _,
          S3Request.PutBucketLifecycleConfiguration _,
          S3Request.GetBucketPolicyStatus _ ->
          new None();
      case S3Request.OnObject on -> of(on);
    };
  }

  private static AclNeed of(S3Request.OnObject request) {
    return switch (request) {
      case S3Request.GetObject _, S3Request.HeadObject _ -> new OnObject(AclPermission.READ);
      case S3Request.GetObjectAcl _ -> new OnObject(AclPermission.READ_ACP);
      case S3Request.PutObjectAcl _ -> new OnObject(AclPermission.WRITE_ACP);
      // Whoever may only write makes deletions that can be undone, where versions are kept.
      case S3Request.DeleteObject r ->
          r.version() == null ? new OnBucket(AclPermission.WRITE) : new None();
      case S3Request.PutObject _,
          S3Request.CopyObject _,
          S3Request.CreateMultipartUpload _,
          S3Request.UploadPart _,
          S3Request.UploadPartCopy _,
          S3Request.CompleteMultipartUpload _ ->
          new OnBucket(AclPermission.WRITE);
      case S3Request.AbortMultipartUpload r -> new OnOwnUpload(r.uploadId(), AclPermission.WRITE);
      case S3Request.ListParts r -> new OnOwnUpload(r.uploadId(), AclPermission.WRITE);
      case S3Request.GetObjectAttributes _,
          S3Request.LockOfObject _,
          S3Request.GetObjectTagging _,
          S3Request.PutObjectTagging _,
          S3Request.DeleteObjectTagging _ ->
          new None();
    };
  }
}
