package garage.s3api.request;

import garage.s3api.error.S3ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Turns the head of an HTTP request into an {@link S3Request}, or refuses it. Nothing behind it
 * looks at headers or parameters again, so what this does not read has no effect; what has a
 * meaning at AWS and none here is refused by {@link HeaderRules} instead.
 */
public final class S3RequestParser {
  private final Addressing addressing;
  private final Operations onBucket = Operations.onBucket();
  private final Operations onObject = Operations.onObject();

  /** {@code rootDomain}: buckets may also be named as {@code bucket.rootDomain}; null for not. */
  public S3RequestParser(@Nullable String rootDomain) {
    this.addressing = new Addressing(rootDomain);
  }

  /**
   * Parses a head.
   *
   * @throws garage.s3api.error.S3Exception with the answer if it is not a request AWS would take
   */
  public S3Request parse(RequestHead head) {
    Parameters query = new Parameters(head.target().query());
    HeaderRules.all(head);
    return switch (addressing.resolve(head)) {
      case Target.Service() -> service(head, query);
      case Target.Bucket(String bucket) ->
          BucketRequests.make(onBucket.name(head.method(), query), bucket, head, query);
      case Target.Key(ObjectName name) ->
          ObjectRequests.make(onObject.name(head.method(), query), name, head, query);
    };
  }

  /** The object a form makes; its fields stand in {@code head} as headers. */
  public S3Request.PutObject posted(String bucket, String key, RequestHead head) {
    return ObjectRequests.posted(ObjectName.checked(bucket, key), head);
  }

  /** The name of the bucket a head is to; null if it is to none. */
  public @Nullable String bucket(RequestHead head) {
    return switch (addressing.resolve(head)) {
      case Target.Service() -> null;
      case Target.Bucket(String bucket) -> bucket;
      case Target.Key(ObjectName name) -> name.bucket();
    };
  }

  private static S3Request service(RequestHead head, Parameters query) {
    if (!head.method().equals("GET")) {
      throw S3ErrorCode.METHOD_NOT_ALLOWED.exception();
    }
    int max = query.count("max-buckets", "max-buckets", S3Request.ListBuckets.BUCKETS_MAX);
    return new S3Request.ListBuckets(
        query.filled("prefix"), query.filled("continuation-token"), max);
  }
}
