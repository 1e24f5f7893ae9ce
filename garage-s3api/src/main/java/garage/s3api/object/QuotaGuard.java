package garage.s3api.object;

import garage.model.Model;
import garage.model.bucket.Bucket;
import garage.model.bucket.Quotas;
import garage.model.counter.BucketCounters.Counts;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.Versioning;
import garage.s3api.call.Runner;
import garage.s3api.error.S3ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Keeps buckets within their limits. What a bucket holds is counted behind its objects, so writes
 * at the same time may together exceed a limit by as much as they bring; a bucket without limits is
 * not looked at. An object that takes the place of a larger one is always accepted.
 */
public final class QuotaGuard {
  private final Model model;
  private final Runner runner;

  public QuotaGuard(Model model, Runner runner) {
    this.model = model;
    this.runner = runner;
  }

  Runner runner() {
    return runner;
  }

  /** Refuses an object of {@code size} bytes that its bucket has no room for. */
  public void check(Bucket bucket, ObjectKey key, long size) {
    Quotas quotas = bucket.quotas().value();
    if (quotas.equals(Quotas.NONE)) {
      return;
    }
    ObjectVersion.Stored replaced =
        bucket.versioning() == Versioning.NONE
            ? model
                .objects()
                .objects()
                .head(key, runner.metadata())
                .map(Objects.Found::object)
                .orElse(null)
            : null; // it stays
    Counts counts = model.count(bucket.id(), runner.metadata());
    Long objectsMax = quotas.objectsMax();
    if (objectsMax != null && replaced == null && counts.objects() + 1 > objectsMax) {
      throw S3ErrorCode.QUOTA_EXCEEDED.because(
          "Object quota is reached, maximum objects for this bucket: " + objectsMax);
    }
    checkBytes(quotas.bytesMax(), counts.bytes(), size - (replaced == null ? 0 : replaced.size()));
  }

  private static void checkBytes(@Nullable Long bytesMax, long bytes, long more) {
    if (bytesMax != null && more > 0 && bytes + more > bytesMax) {
      throw S3ErrorCode.QUOTA_EXCEEDED.because(
          ("Bucket size quota is reached, maximum total size of objects for this bucket: %d."
                  + " The bucket is already %d bytes, and this object would add %d bytes.")
              .formatted(bytesMax, bytes, more));
    }
  }
}
