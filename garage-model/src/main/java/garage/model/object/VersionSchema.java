package garage.model.object;

import garage.common.codec.VersionedCodec;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.model.counter.BucketCounters;
import garage.table.TableSchema;
import garage.table.register.RegisterRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of versions that are not the present ones. A replica moves a version here from its
 * register in the batch in which it takes the next one over, under a lock that both share; the row
 * of a version that came to be the present one again stays, and counts for nothing meanwhile. So
 * does that of the version without an id while another without one is the present version.
 */
final class VersionSchema implements TableSchema<VersionRow> {
  static final String NAME = "object_version";

  private final Store store;
  private final Tree objects;
  private final VersionedCodec<RegisterRow<ObjectState>> codec =
      RegisterRow.codec(ObjectState.CODEC);
  private final BucketCounters counters;
  private final ReleaseQueue releases;

  VersionSchema(Store store, BucketCounters counters, ReleaseQueue releases) {
    this.store = store;
    this.objects = store.tree(ObjectSchema.NAME);
    this.counters = counters;
    this.releases = releases;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public VersionedCodec<VersionRow> codec() {
    return VersionRow.CODEC;
  }

  @Override
  public byte[] partitionKey(VersionRow row) {
    return VersionRow.partitionKey(row.key());
  }

  @Override
  public byte[] sortKey(VersionRow row) {
    return VersionRow.sortKey(row.id());
  }

  /** That of the object. */
  @Override
  public Partition partition(byte[] partitionKey) {
    return ObjectKey.partition(ObjectKey.unescaped(partitionKey));
  }

  /** All rows of a key, with its register. */
  @Override
  public byte[] lockKey(byte[] rowKey) {
    return ObjectKey.unescaped(rowKey);
  }

  @Override
  public VersionRow merge(VersionRow one, VersionRow other) {
    return VersionRow.merge(one, other);
  }

  @Override
  public boolean isTombstone(VersionRow row) {
    return row.isRemoved();
  }

  /** Not while the register here holds what was removed: it would be moved here again. */
  @Override
  public boolean isCollectable(VersionRow removed) {
    RegisterRow<ObjectState> row = register(removed.key());
    if (row == null || !removed.id().equals(present(row))) {
      return true;
    }
    return removed.id().isNull() && !removed.order().isAfter(row.ballot());
  }

  @Override
  public void onChange(@Nullable VersionRow before, VersionRow after, Batch batch) {
    RegisterRow<ObjectState> register = register(after.key());
    boolean isPresent = register != null && after.id().equals(present(register));
    if (!isPresent) {
      count(after.key(), before, -1, batch);
      count(after.key(), after, 1, batch);
    }
    boolean hides =
        isPresent && register != null && after.id().isNull() && after.hasOther(written(register));
    if (hides || after.isOpen()) {
      releases.addHidden(batch, after.key());
    }
    Content present = isPresent && register != null ? content(register) : null;
    if (before != null && !after.isRenamed()) {
      for (Content dropped : dropped(before, after)) {
        if (!dropped.equals(present)) {
          releases.add(batch, after.key(), after.id(), dropped);
        }
      }
    }
  }

  /** What {@code before} refers to and {@code after} does not. */
  static List<Content> dropped(VersionRow before, VersionRow after) {
    List<Content> left = contents(after);
    return contents(before).stream().filter(content -> !left.contains(content)).toList();
  }

  @Override
  public void onDrop(VersionRow before, Batch batch) {
    RegisterRow<ObjectState> register = register(before.key());
    if (register == null || !before.id().equals(present(register))) {
      count(before.key(), before, -1, batch);
    }
  }

  private static Timestamp written(RegisterRow<ObjectState> row) {
    return row.version() instanceof ObjectState.Present present
        ? present.writtenAt(row.id())
        : row.id();
  }

  static List<Content> contents(VersionRow row) {
    return row.stored().stream().map(ObjectVersion.Stored::content).toList();
  }

  private static @Nullable Content content(RegisterRow<ObjectState> register) {
    ObjectVersion.Stored stored =
        register.version() instanceof ObjectState.Present present ? present.stored() : null;
    return stored == null ? null : stored.content();
  }

  private void count(ObjectKey key, @Nullable VersionRow row, int sign, Batch batch) {
    VersionRow.Kept kept = row == null ? null : row.kept();
    if (kept != null && kept.stored() != null) {
      Uuid bucket = key.bucket();
      counters.addObjects(
          batch, bucket, ObjectKey.partition(key.storeKey()), sign, sign * kept.stored().size());
    }
  }

  private @Nullable RegisterRow<ObjectState> register(ObjectKey key) {
    byte[] value = store.get(objects, key.storeKey());
    return value == null ? null : codec.decode(value);
  }

  private static @Nullable VersionId present(RegisterRow<ObjectState> row) {
    return row.version() instanceof ObjectState.Present present ? present.id(row.id()) : null;
  }
}
