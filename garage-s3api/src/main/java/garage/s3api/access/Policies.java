package garage.s3api.access;

import garage.common.id.Uuid;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.s3api.policy.BucketPolicy;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The policies of buckets, each read once for as long as it stays the same. */
public final class Policies {
  /** A policy is at most 20 KiB of text and as much again when read. */
  private static final int KEPT_MAX = 256;

  private record Kept(String setting, BucketPolicy policy) {}

  private final ConcurrentHashMap<Uuid, Kept> kept = new ConcurrentHashMap<>();

  /** The policy of {@code bucket}. */
  public Optional<BucketPolicy> of(Bucket bucket) {
    return bucket.setting(BucketSetting.POLICY).map(setting -> read(bucket.id(), setting));
  }

  private BucketPolicy read(Uuid bucket, String setting) {
    Kept before = kept.get(bucket);
    if (before != null && before.setting.equals(setting)) {
      return before.policy;
    }
    BucketPolicy policy = BucketPolicy.ofSetting(setting);
    if (kept.size() >= KEPT_MAX) {
      kept.clear(); // more buckets with policies than this are in use at once: each is read again
    }
    kept.put(bucket, new Kept(setting, policy));
    return policy;
  }
}
