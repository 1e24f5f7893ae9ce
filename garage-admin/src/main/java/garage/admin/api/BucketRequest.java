package garage.admin.api;

import org.jspecify.annotations.Nullable;

/** Requests about buckets. */
public sealed interface BucketRequest<R extends AdminResponse> extends AdminRequest<R> {
  /** Every bucket. */
  record ListBuckets() implements BucketRequest<BucketResponse.Buckets> {}

  /** One bucket: by its whole id, by a global alias, or by either or a prefix of the id. */
  record GetBucketInfo(@Nullable String id, @Nullable String globalAlias, @Nullable String search)
      implements BucketRequest<BucketResponse.BucketInfo> {}

  /** Makes a bucket. */
  record CreateBucket(@Nullable String globalAlias, @Nullable NewLocalAlias localAlias)
      implements BucketRequest<BucketResponse.BucketInfo> {}

  /** Changes a bucket. */
  record UpdateBucket(String id, BucketChange body)
      implements BucketRequest<BucketResponse.BucketInfo> {}

  /** Forgets an empty bucket, its aliases and its permissions. */
  record DeleteBucket(String id) implements BucketRequest<Nothing> {}

  /** Gives up the uploads that were begun this long ago, or longer. */
  record CleanupIncompleteUploads(String bucketId, long olderThanSecs)
      implements BucketRequest<BucketResponse.UploadsDeleted> {}

  /** Everything that is known of a key: its versions, and the uploads in progress. */
  record InspectObject(String bucketId, String key)
      implements BucketRequest<BucketResponse.ObjectInfo> {}

  /** Gives permissions. */
  record AllowBucketKey(String bucketId, String accessKeyId, Permissions permissions)
      implements BucketRequest<BucketResponse.BucketInfo> {}

  /** Takes permissions. */
  record DenyBucketKey(String bucketId, String accessKeyId, Permissions permissions)
      implements BucketRequest<BucketResponse.BucketInfo> {}

  /** Adds a name: a global one, or one that only a key sees. */
  record AddBucketAlias(
      String bucketId,
      @Nullable String globalAlias,
      @Nullable String accessKeyId,
      @Nullable String localAlias)
      implements BucketRequest<BucketResponse.BucketInfo> {}

  /** Takes a name away; never the last one. */
  record RemoveBucketAlias(
      String bucketId,
      @Nullable String globalAlias,
      @Nullable String accessKeyId,
      @Nullable String localAlias)
      implements BucketRequest<BucketResponse.BucketInfo> {}

  /** A name that only a key sees, and what the key may do. */
  record NewLocalAlias(String accessKeyId, String alias, @Nullable Permissions allow) {}

  /** What is to change; null leaves it. */
  record BucketChange(@Nullable WebsiteChange websiteAccess, @Nullable Quotas quotas) {}

  /** Whether a bucket is served as a web site. */
  record WebsiteChange(
      boolean enabled, @Nullable String indexDocument, @Nullable String errorDocument) {}

  /** The most a bucket may hold; null is no limit. */
  record Quotas(@Nullable Long maxSize, @Nullable Long maxObjects) {}
}
