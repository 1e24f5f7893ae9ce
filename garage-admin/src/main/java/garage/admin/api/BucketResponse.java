package garage.admin.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers about buckets. */
public sealed interface BucketResponse extends AdminResponse {
  /** Every bucket. */
  @Bare
  record Buckets(List<BucketSummary> buckets) implements BucketResponse {
    public Buckets {
      buckets = List.copyOf(buckets);
    }
  }

  /** How many uploads were given up. */
  record UploadsDeleted(long uploadsDeleted) implements BucketResponse {}

  /**
   * What is known of a key, the latest version first.
   *
   * @param truncated whether there is more than is told
   */
  record ObjectInfo(
      String bucketId, String key, List<ObjectVersionInfo> versions, boolean truncated)
      implements BucketResponse {
    public ObjectInfo {
      versions = List.copyOf(versions);
    }
  }

  /**
   * A version of an object, or an upload in progress.
   *
   * @param uuid the version's id as S3 names it, or the upload's
   * @param aborted always false: what is aborted is gone
   * @param inline whether the bytes are kept with the metadata
   * @param headers names and values
   */
  @OmitNull
  record ObjectVersionInfo(
      String uuid,
      Instant timestamp,
      boolean encrypted,
      boolean uploading,
      boolean aborted,
      boolean deleteMarker,
      boolean inline,
      @Nullable Long size,
      @Nullable String etag,
      @Nullable List<List<String>> headers,
      @Nullable List<ObjectBlock> blocks) {}

  /**
   * A block of an object.
   *
   * @param partNumber 0 for an object that was not uploaded in parts
   * @param offset in the part
   */
  record ObjectBlock(long partNumber, long offset, String hash, long size) {}

  /** A bucket in a list. */
  record BucketSummary(
      String id, Instant created, List<String> globalAliases, List<LocalAlias> localAliases) {
    public BucketSummary {
      globalAliases = List.copyOf(globalAliases);
      localAliases = List.copyOf(localAliases);
    }
  }

  /** A name that only a key sees. */
  record LocalAlias(String accessKeyId, String alias) {}

  /** A bucket. The counts follow its objects within moments. */
  record BucketInfo(
      String id,
      Instant created,
      List<String> globalAliases,
      boolean websiteAccess,
      @Nullable WebsiteConfig websiteConfig,
      List<BucketKey> keys,
      long objects,
      long bytes,
      long unfinishedUploads,
      long unfinishedMultipartUploads,
      long unfinishedMultipartUploadParts,
      long unfinishedMultipartUploadBytes,
      BucketRequest.Quotas quotas)
      implements BucketResponse {
    public BucketInfo {
      globalAliases = List.copyOf(globalAliases);
      keys = List.copyOf(keys);
    }
  }

  /** The documents of a web site. */
  record WebsiteConfig(String indexDocument, @Nullable String errorDocument) {}

  /** A key that may use a bucket. */
  record BucketKey(
      String accessKeyId, String name, Permissions permissions, List<String> bucketLocalAliases) {
    public BucketKey {
      bucketLocalAliases = List.copyOf(bucketLocalAliases);
    }
  }
}
