package garage.s3api.request;

import garage.model.bucket.BucketSetting;
import garage.s3api.error.S3Error;
import garage.s3api.xml.KeyEncoding;
import garage.s3api.xml.LifecycleConfiguration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the requests to a bucket. */
final class BucketRequests {
  private static final int KEYS_MAX = 1000;

  private BucketRequests() {}

  static S3Request make(String operation, String bucket, RequestHead head, Parameters query) {
    return switch (operation) {
      case "CreateBucket" -> {
        HeaderRules.newBucket(head);
        yield new S3Request.CreateBucket(
            bucket, AclRequest.parse(head), HeaderRules.ownership(head), BodyClaim.parse(head));
      }
      case "DeleteBucket" -> new S3Request.DeleteBucket(bucket);
      case "HeadBucket" -> new S3Request.HeadBucket(bucket);
      case "GetBucketLocation" -> new S3Request.GetBucketLocation(bucket);
      case "GetBucketVersioning" -> new S3Request.GetBucketVersioning(bucket);
      case "ListObjects" -> listObjects(bucket, query);
      case "ListMultipartUploads" ->
          new S3Request.ListMultipartUploads(
              bucket,
              filter(query, "max-uploads", "maxUploads"),
              query.text("key-marker"),
              query.text("upload-id-marker"));
      case "DeleteObjects" -> new S3Request.DeleteObjects(bucket, BodyClaim.parse(head));
      case "PostObject" -> new S3Request.PostObject(bucket);
      case "ListObjectVersions" -> listVersions(bucket, query);
      case "GetBucketAcl" -> new S3Request.GetBucketAcl(bucket);
      case "PutBucketAcl" ->
          new S3Request.PutBucketAcl(bucket, AclRequest.parse(head), BodyClaim.parse(head));
      case "PutObjectLockConfiguration" -> new S3Request.PutObjectLockConfiguration(bucket);
      case "PutBucketLifecycleConfiguration" ->
          new S3Request.PutBucketLifecycleConfiguration(
              bucket, head.filled(LifecycleConfiguration.SIZES), BodyClaim.parse(head));
      case "GetBucketPolicyStatus" -> new S3Request.GetBucketPolicyStatus(bucket);
      default -> {
        S3Request setting = setting(operation, bucket, head);
        yield setting == null ? configuration(operation, bucket, query) : setting;
      }
    };
  }

  private static @Nullable S3Request setting(String operation, String bucket, RequestHead head) {
    return switch (operation) {
      case "GetBucketPolicy" -> new S3Request.GetBucketSetting(bucket, BucketSetting.POLICY);
      case "PutBucketPolicy" -> put(bucket, BucketSetting.POLICY, head);
      case "DeleteBucketPolicy" -> new S3Request.DeleteBucketSetting(bucket, BucketSetting.POLICY);
      case "GetBucketCors" -> new S3Request.GetBucketSetting(bucket, BucketSetting.CORS);
      case "PutBucketCors" -> put(bucket, BucketSetting.CORS, head);
      case "DeleteBucketCors" -> new S3Request.DeleteBucketSetting(bucket, BucketSetting.CORS);
      case "GetBucketLifecycleConfiguration" ->
          new S3Request.GetBucketSetting(bucket, BucketSetting.LIFECYCLE);
      case "DeleteBucketLifecycleConfiguration" ->
          new S3Request.DeleteBucketSetting(bucket, BucketSetting.LIFECYCLE);
      case "PutBucketVersioning" -> put(bucket, BucketSetting.VERSIONING, head);
      case "GetBucketTagging" -> new S3Request.GetBucketSetting(bucket, BucketSetting.TAGGING);
      case "PutBucketTagging" -> put(bucket, BucketSetting.TAGGING, head);
      case "DeleteBucketTagging" ->
          new S3Request.DeleteBucketSetting(bucket, BucketSetting.TAGGING);
      case "GetBucketOwnershipControls" ->
          new S3Request.GetBucketSetting(bucket, BucketSetting.OWNERSHIP_CONTROLS);
      case "PutBucketOwnershipControls" -> put(bucket, BucketSetting.OWNERSHIP_CONTROLS, head);
      case "DeleteBucketOwnershipControls" ->
          new S3Request.DeleteBucketSetting(bucket, BucketSetting.OWNERSHIP_CONTROLS);
      case "GetPublicAccessBlock" ->
          new S3Request.GetBucketSetting(bucket, BucketSetting.PUBLIC_ACCESS_BLOCK);
      case "PutPublicAccessBlock" -> put(bucket, BucketSetting.PUBLIC_ACCESS_BLOCK, head);
      case "DeletePublicAccessBlock" ->
          new S3Request.DeleteBucketSetting(bucket, BucketSetting.PUBLIC_ACCESS_BLOCK);
      case "GetBucketWebsite" -> new S3Request.GetBucketSetting(bucket, BucketSetting.WEBSITE);
      case "PutBucketWebsite" -> put(bucket, BucketSetting.WEBSITE, head);
      case "DeleteBucketWebsite" ->
          new S3Request.DeleteBucketSetting(bucket, BucketSetting.WEBSITE);
      default -> null;
    };
  }

  private static S3Request put(String bucket, BucketSetting what, RequestHead head) {
    return new S3Request.PutBucketSetting(bucket, what, BodyClaim.parse(head));
  }

  private static S3Request configuration(String operation, String bucket, Parameters query) {
    Optional<UnsetConfiguration> read = UnsetConfiguration.readBy(operation);
    if (read.isPresent()) {
      return new S3Request.GetUnsetConfiguration(bucket, read.get(), query.has("id"));
    }
    return UnsetConfiguration.removedBy(operation)
        .map(what -> (S3Request) new S3Request.DeleteUnsetConfiguration(bucket, what))
        .orElseGet(() -> new S3Request.NotImplemented(operation));
  }

  private static S3Request listVersions(String bucket, Parameters query) {
    String keyMarker = query.text("key-marker");
    String versionIdMarker = query.get("version-id-marker");
    if (versionIdMarker != null && keyMarker.isEmpty()) {
      throw S3Error.invalidArgument(
              "A version-id marker cannot be specified without a key marker.",
              "version-id-marker",
              versionIdMarker)
          .exception();
    }
    return new S3Request.ListObjectVersions(
        bucket, filter(query, "max-keys", "maxKeys"), keyMarker, Versions.parse(versionIdMarker));
  }

  private static S3Request listObjects(String bucket, Parameters query) {
    S3Request.Filter filter = filter(query, "max-keys", "maxKeys");
    if (!query.text("list-type").equals("2")) {
      return new S3Request.ListObjects(bucket, filter, query.text("marker"));
    }
    return new S3Request.ListObjectsV2(
        bucket,
        filter,
        query.get("start-after"),
        query.get("continuation-token"),
        query.text("fetch-owner").equals("true"));
  }

  private static S3Request.Filter filter(Parameters query, String name, String argument) {
    return new S3Request.Filter(
        query.text("prefix"),
        query.text("delimiter"),
        query.count(name, argument, KEYS_MAX),
        encoding(query.filled("encoding-type")));
  }

  private static KeyEncoding encoding(@Nullable String type) {
    if (type == null) {
      return KeyEncoding.NONE;
    }
    if (!type.equals("url")) {
      throw S3Error.invalidArgument(
              "Invalid Encoding Method specified in Request", "encoding-type", type)
          .exception();
    }
    return KeyEncoding.URL;
  }
}
