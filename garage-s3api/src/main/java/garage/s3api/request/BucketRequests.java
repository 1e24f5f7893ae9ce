package garage.s3api.request;

import garage.s3api.error.S3Error;
import garage.s3api.xml.KeyEncoding;
import org.jspecify.annotations.Nullable;

/** Makes the requests to a bucket. */
final class BucketRequests {
  private static final int KEYS_MAX = 1000;

  private BucketRequests() {}

  static S3Request make(String operation, String bucket, RequestHead head, Parameters query) {
    return switch (operation) {
      case "CreateBucket" -> {
        HeaderRules.newBucket(head);
        yield new S3Request.CreateBucket(bucket);
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
      case "DeleteObjects" ->
          new S3Request.DeleteObjects(
              bucket, UploadBody.md5(head), ChecksumExpectation.parse(head));
      default -> new S3Request.NotImplemented(operation);
    };
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
