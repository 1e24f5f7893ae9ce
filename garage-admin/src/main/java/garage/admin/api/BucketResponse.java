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
