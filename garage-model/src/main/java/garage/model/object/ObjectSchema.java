package garage.model.object;

import garage.common.codec.VersionedCodec;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.layout.Partition;
import garage.model.counter.BucketCounters;
import garage.table.KeyLocks;
import garage.table.Table;
import garage.table.register.RegisterSchema;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The registers of objects: one per (bucket, key). Where versions are kept, the one that is
 * superseded goes to the table of versions in the same batch, on each replica; counted is what the
 * register holds, and every row of another version.
 */
final class ObjectSchema implements RegisterSchema<ObjectState> {
  static final String NAME = "object";

  private static final ObjectState ABSENT = new ObjectState.Absent(ObjectState.Rest.NONE_PRESENT);

  /** What a row takes in the store, beside its inline bytes: a key and a few headers. */
  private static final long ROW_BYTES = 1024;

  private final Table<VersionRow> versions;
  private final BucketCounters counters;
  private final ReleaseQueue releases;
  private final LongConsumer space;

  /** {@code space} refuses bytes that would go into the metadata disk's reserve. */
  ObjectSchema(
      Table<VersionRow> versions,
      BucketCounters counters,
      ReleaseQueue releases,
      LongConsumer space) {
    this.versions = versions;
    this.counters = counters;
    this.releases = releases;
    this.space = space;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public VersionedCodec<ObjectState> codec() {
    return ObjectState.CODEC;
  }

  @Override
  public ObjectState tombstone() {
    return ABSENT;
  }

  @Override
  public boolean isTombstone(@Nullable ObjectState state) {
    return state instanceof ObjectState.Absent;
  }

  @Override
  public boolean hasBody(ObjectState state) {
    return state instanceof ObjectState.Present present && present.isInline();
  }

  /** A listing of objects passes over deletion markers. */
  @Override
  public boolean isListed(ObjectState state) {
    return stored(state) != null;
  }

  @Override
  public Partition partition(byte[] key) {
    return ObjectKey.partition(key);
  }

  @Override
  public KeyLocks.Held guard(List<byte[]> keys) {
    return versions.lockHere(keys);
  }

  @Override
  public void onChange(Change<ObjectState> change, Batch batch) {
    ObjectVersion.Stored after = stored(change.after());
    boolean grows = !change.after().equals(change.before()); // writing the same again takes nothing
    if (grows && after != null) { // nor does a deletion
      space.accept(ROW_BYTES + (hasBody(change.after()) ? after.size() : 0));
    }
    Tally tally = new Tally();
    tally.add(after, 1);
    tally.add(stored(change.before()), -1);
    if (keepsNone(change.before()) && keepsNone(change.after()) && !isNoneLeft(change.after())) {
      ObjectVersion.Stored before = stored(change.before());
      if (before != null && (after == null || !before.content().equals(after.content()))) {
        ObjectKey key = ObjectKey.ofStoreKey(change.key());
        releases.add(batch, key, VersionId.NULL, before.content());
      }
    } else {
      new Succession(change, batch, tally).run();
    }
    count(change.key(), tally, batch);
  }

  @Override
  public void onDrop(byte[] key, ObjectState state, Batch batch) {
    Tally tally = new Tally();
    tally.add(stored(state), -1);
    if (state instanceof ObjectState.Present now && now.versioning() == Versioning.SUSPENDED) {
      tally.add(row(ObjectKey.ofStoreKey(key), VersionId.NULL), 1); // it is hidden no more
    }
    count(key, tally, batch);
  }

  private void count(byte[] key, Tally tally, Batch batch) {
    counters.addObjects(batch, ObjectKey.bucketOf(key), partition(key), tally.objects, tally.bytes);
  }

  private @Nullable VersionRow row(ObjectKey key, VersionId id) {
    return versions.here(VersionRow.partitionKey(key), VersionRow.sortKey(id)).orElse(null);
  }

  private static boolean keepsNone(@Nullable ObjectState state) {
    return !(state instanceof ObjectState.Present present)
        || present.versioning() == Versioning.NONE;
  }

  static boolean isNoneLeft(@Nullable ObjectState state) {
    return state instanceof ObjectState.Absent absent && absent.isNoneLeft();
  }

  private static ObjectVersion.@Nullable Stored stored(@Nullable ObjectState state) {
    return state instanceof ObjectState.Present present ? present.stored() : null;
  }

  /** How the counts change. */
  private static final class Tally {
    private long objects;
    private long bytes;

    void add(ObjectVersion.@Nullable Stored object, int sign) {
      if (object != null) {
        objects += sign;
        bytes += sign * object.size();
      }
    }

    void add(@Nullable VersionRow row, int sign) {
      VersionRow.Kept kept = row == null ? null : row.kept();
      if (kept != null) {
        add(kept.stored(), sign);
      }
    }
  }

  /** One change where versions are kept. */
  private final class Succession {
    private final Change<ObjectState> change;
    private final Batch batch;
    private final Tally tally;
    private final ObjectKey key;
    private final ObjectState.@Nullable Present before;
    private final ObjectState.@Nullable Present after;
    private final @Nullable VersionId old;
    private final @Nullable VersionId now;

    Succession(Change<ObjectState> change, Batch batch, Tally tally) {
      this.change = change;
      this.batch = batch;
      this.tally = tally;
      this.key = ObjectKey.ofStoreKey(change.key());
      this.before = change.before() instanceof ObjectState.Present present ? present : null;
      this.after = change.after() instanceof ObjectState.Present present ? present : null;
      this.old = before == null ? null : before.id(change.beforeId());
      this.now = after == null ? null : after.id(change.afterId());
    }

    void run() {
      VersionRow moved = null;
      if (before != null && old != null && !isSame(before)) {
        if (!isInVain(before)) {
          moved = make(superseded(before, old));
        } else if (!old.equals(now)) {
          tally.add(row(old), 1); // what may be there of it is not the present one any more
        }
      }
      if (after != null && now != null) {
        succeed(now);
        hide(after, now);
      }
      if (isNoneLeft(change.after())) {
        bury();
      }
      ObjectVersion.Stored replaced = stored(change.before());
      if (replaced != null && old != null && !isKept(replaced.content(), moved)) {
        releases.add(batch, key, old, replaced.content());
      }
    }

    private void succeed(VersionId present) {
      boolean isFirst = change.before() instanceof ObjectState.Absent;
      if (isFirst) { // whoever missed the deletion must not bring back what it deleted
        make(VersionRow.removed(key, VersionId.NULL, change.beforeBallot()));
      }
      if (!present.equals(old) && !(isFirst && present.isNull())) {
        tally.add(row(present), -1); // the present one again: its row counts no more
      }
    }

    /** The one it takes the place of stays here, unseen, until it is known to have taken effect. */
    private void hide(ObjectState.Present present, VersionId id) {
      VersionRow hidden = id.isNull() ? row(id) : null;
      boolean isOld = hidden != null && hidden.hasOther(present.writtenAt(change.afterId()));
      if (isOld || (id.equals(old) && before != null && !isSame(before))) {
        releases.addHidden(batch, key);
      }
    }

    /** Whether the version is the present one still, written again. */
    private boolean isSame(ObjectState.Present version) {
      return after != null
          && after.id(change.afterId()).equals(version.id(change.beforeId()))
          && after.writtenAt(change.afterId()).equals(version.writtenAt(change.beforeId()));
    }

    /**
     * Whether what was here alone did not take effect, or was removed meanwhile: the present
     * version, which is written again as its tags change, is older, or there is none left.
     */
    private boolean isInVain(ObjectState.Present version) {
      return switch (change.after()) {
        case ObjectState.Absent absent -> absent.isKnown();
        case ObjectState.Present now ->
            version.writtenAt(change.beforeId()).isAfter(now.writtenAt(change.afterId()));
      };
    }

    /**
     * What is here of old versions did not take effect, or was removed meanwhile. The latest are
     * seen to: what is here alone is among them.
     */
    private void bury() {
      byte[] partitionKey = VersionRow.partitionKey(key);
      KeyRange all = KeyRange.prefix(partitionKey);
      for (VersionRow was : versions.localRange(all, Look.ROWS_MAX)) {
        if (was.isBefore(change.afterBallot())) {
          tally.add(was, -1);
          replaced(was, versions.mergeHere(was.removed(change.afterBallot()), batch));
        }
      }
    }

    private VersionRow superseded(ObjectState.Present version, VersionId id) {
      return VersionRow.kept(
          key,
          id,
          change.beforeBallot(),
          new VersionRow.Kept(
              version.writtenAt(change.beforeId()), version.version(), change.beforeBody().get()));
    }

    /** Merges a row, and counts and gives back what follows from it. */
    private VersionRow make(VersionRow row) {
      VersionRow was = row(row.id());
      VersionRow is = versions.mergeHere(row, batch);
      if (!row.id().equals(old)) {
        tally.add(was, -1);
      }
      if (!row.id().equals(now)) {
        tally.add(is, 1);
      }
      if (is.isOpen()) {
        releases.addHidden(batch, key);
      }
      if (was != null) {
        replaced(was, is);
      }
      return is;
    }

    private void replaced(VersionRow was, VersionRow is) {
      VersionSchema.dropped(was, is).stream()
          .filter(content -> !isKept(content, is))
          .forEach(content -> releases.add(batch, key, was.id(), content));
    }

    private @Nullable VersionRow row(VersionId id) {
      return ObjectSchema.this.row(key, id);
    }

    private boolean isKept(Content content, @Nullable VersionRow row) {
      ObjectVersion.Stored current = stored(change.after());
      return (current != null && current.content().equals(content))
          || (row != null && (row.isRenamed() || VersionSchema.contents(row).contains(content)));
    }
  }
}
