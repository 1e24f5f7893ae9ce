package garage.model.object;

import garage.common.codec.VersionedCodec;
import garage.db.Batch;
import garage.layout.Partition;
import garage.model.counter.BucketCounters;
import garage.table.register.RegisterSchema;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The registers of objects: one per (bucket, key). */
final class ObjectSchema implements RegisterSchema<ObjectVersion> {
  static final String NAME = "object";

  private static final ObjectVersion DELETED = new ObjectVersion.Deleted();

  /** What a row takes in the store, beside its inline bytes: a key and a few headers. */
  private static final long ROW_BYTES = 1024;

  private final BucketCounters counters;
  private final ReleaseQueue releases;
  private final LongConsumer space;

  /** {@code space} refuses bytes that would go into the metadata disk's reserve. */
  ObjectSchema(BucketCounters counters, ReleaseQueue releases, LongConsumer space) {
    this.counters = counters;
    this.releases = releases;
    this.space = space;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public VersionedCodec<ObjectVersion> codec() {
    return ObjectVersion.CODEC;
  }

  @Override
  public ObjectVersion tombstone() {
    return DELETED;
  }

  @Override
  public boolean hasBody(ObjectVersion version) {
    return version instanceof ObjectVersion.Stored stored
        && stored.content() instanceof Content.Inline
        && stored.size() > 0;
  }

  @Override
  public Partition partition(byte[] key) {
    return ObjectKey.partition(key);
  }

  @Override
  public void onChange(
      byte[] key, @Nullable ObjectVersion before, ObjectVersion after, Batch batch) {
    boolean grows = !after.equals(before); // writing the same again, as a fence does, takes nothing
    if (grows && after instanceof ObjectVersion.Stored stored) { // nor does a deletion
      space.accept(ROW_BYTES + (hasBody(after) ? stored.size() : 0));
    }
    Content kept = after instanceof ObjectVersion.Stored stored ? stored.content() : null;
    if (before instanceof ObjectVersion.Stored old && !old.content().equals(kept)) {
      releases.add(batch, ObjectKey.ofStoreKey(key), old.content());
    }
    counters.addObjects(
        batch,
        ObjectKey.bucketOf(key),
        partition(key),
        count(after) - count(before),
        size(after) - size(before));
  }

  @Override
  public void onDrop(byte[] key, ObjectVersion version, Batch batch) {
    counters.addObjects(
        batch, ObjectKey.bucketOf(key), partition(key), -count(version), -size(version));
  }

  private static long count(@Nullable ObjectVersion version) {
    return version instanceof ObjectVersion.Stored ? 1 : 0;
  }

  private static long size(@Nullable ObjectVersion version) {
    return version instanceof ObjectVersion.Stored stored ? stored.size() : 0;
  }
}
