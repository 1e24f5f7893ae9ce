package garage.model.object;

import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.id.Bytes32;
import garage.common.id.Uuid;
import garage.db.Batch;
import garage.layout.Partition;
import garage.model.counter.BucketCounters;
import garage.table.register.RegisterSchema;
import org.jspecify.annotations.Nullable;

/**
 * The registers of multipart uploads, in the order of bucket, key and upload id. The key's bytes
 * are escaped so that their end is found and their order kept: 0x00 is followed by 0xff, the end is
 * 0x00 0x01.
 */
final class UploadSchema implements RegisterSchema<Upload.Slot> {
  static final String NAME = "upload";

  private static final Upload.Slot GONE = new Upload.Slot.Gone();

  private final BucketCounters counters;
  private final ReleaseQueue releases;

  UploadSchema(BucketCounters counters, ReleaseQueue releases) {
    this.counters = counters;
    this.releases = releases;
  }

  static byte[] storeKey(ObjectKey object, Uuid upload) {
    return new Writer().raw(keyPrefix(object)).bytes32(upload.value()).toBytes();
  }

  /** What the store keys of all uploads of one object begin with. */
  static byte[] keyPrefix(ObjectKey object) {
    return ObjectKey.escaped(object.bucket(), object.key()).u8(0).u8(1).toBytes();
  }

  /** The bucket, and the beginning of a key: where a scan for it begins. */
  static byte[] scanFrom(Uuid bucket, String keyPrefix) {
    return ObjectKey.escaped(bucket, keyPrefix).toBytes();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public VersionedCodec<Upload.Slot> codec() {
    return Upload.Slot.CODEC;
  }

  @Override
  public Upload.Slot tombstone() {
    return GONE;
  }

  @Override
  public boolean hasBody(Upload.Slot version) {
    return false;
  }

  /** By the bucket and the escaped key: all uploads of an object live together. */
  @Override
  public Partition partition(byte[] key) {
    return partitionOf(key);
  }

  /** As {@link #partition}. */
  static Partition partitionOf(byte[] key) {
    byte[] prefix = new byte[key.length - Bytes32.LENGTH];
    System.arraycopy(key, 0, prefix, 0, prefix.length);
    return Partition.of(garage.common.hash.Digests.sha256(prefix));
  }

  @Override
  public void onChange(Change<Upload.Slot> change, Batch batch) {
    byte[] key = change.key();
    Upload.Slot before = change.before();
    Upload.Slot after = change.after();
    Upload old = before instanceof Upload.Slot.Present(Upload upload) ? upload : null;
    long delta = inProgress(after) - inProgress(before);
    counters.addUploads(batch, bucketOf(key), partition(key), delta);
    if (old != null && after instanceof Upload.Slot.Gone && !isCompleted(old)) {
      releases.add(batch, new ReleaseQueue.Entry.Parts(old.id(), old.object(), false));
    }
    if (after instanceof Upload.Slot.Present(Upload upload)
        && isCompleted(upload)
        && (old == null || !isCompleted(old))) {
      releases.add(batch, new ReleaseQueue.Entry.Parts(upload.id(), upload.object(), false));
    }
  }

  @Override
  public void onDrop(byte[] key, Upload.Slot version, Batch batch) {
    counters.addUploads(batch, bucketOf(key), partition(key), -inProgress(version));
  }

  private static Uuid bucketOf(byte[] key) {
    return new Uuid(Bytes32.of(key, 0, Bytes32.LENGTH));
  }

  private static boolean isCompleted(Upload upload) {
    return upload.state() instanceof Upload.State.Completed;
  }

  static boolean isInProgress(Upload.@Nullable Slot slot) {
    return slot instanceof Upload.Slot.Present(Upload upload) && !isCompleted(upload);
  }

  private static long inProgress(Upload.@Nullable Slot slot) {
    return isInProgress(slot) ? 1 : 0;
  }
}
