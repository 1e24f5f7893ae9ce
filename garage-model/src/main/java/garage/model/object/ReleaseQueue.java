package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.env.Clock;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Data that nothing may refer to any more: a durable queue on each node, filled in the batch that
 * drops the reference there, so that a crash loses neither. What one replica drops may still be the
 * present version - it accepted a write that never took effect, or missed the one before - so an
 * entry is a hint, and the worker asks the register before it gives anything back. Entries may be
 * queued and worked off more than once; giving back is idempotent.
 */
final class ReleaseQueue {
  /** The tree of the queue: when an entry is due, in milliseconds, then the entry. */
  static final String TREE = "release_queue";

  /** By then most writers know what became of their write. */
  private static final Duration WRITERS = Duration.ofMinutes(1);

  /** What is to be given back. */
  sealed interface Entry {
    VersionedCodec<Entry> CODEC = VersionedCodec.first(Codec.of(Entry::write, Entry::read));

    /**
     * The blocks of a block list.
     *
     * @param object what referred to them; null if that is known not to do so any more
     * @param version of the object
     */
    record Data(Uuid dataId, @Nullable ObjectKey object, VersionId version) implements Entry {
      /** Of what nothing refers to. */
      static Data unreferenced(Uuid dataId) {
        return new Data(dataId, null, VersionId.NULL);
      }
    }

    /**
     * The parts of an upload that is over, but those its object is made of.
     *
     * @param overwritten whether the object was overwritten; else the upload came to its end
     */
    record Parts(Uuid uploadId, ObjectKey object, boolean overwritten) implements Entry {}

    /** What a version without an id took the place of, once it is known whether it took effect. */
    record Hidden(ObjectKey object) implements Entry {}

    private static void write(Writer out, Entry entry) {
      switch (entry) {
        case Data(Uuid dataId, ObjectKey object, VersionId version) ->
            out.u8(1)
                .value(dataId, Codec.UUID)
                .optional(object, ObjectKey.CODEC)
                .value(version, VersionId.CODEC);
        case Parts(Uuid uploadId, ObjectKey object, boolean overwritten) ->
            out.u8(2).value(uploadId, Codec.UUID).value(object, ObjectKey.CODEC).bool(overwritten);
        case Hidden(ObjectKey object) -> out.u8(3).value(object, ObjectKey.CODEC);
      }
    }

    private static Entry read(Reader in) {
      int kind = in.u8();
      return switch (kind) {
        case 1 ->
            new Data(in.value(Codec.UUID), in.optional(ObjectKey.CODEC), in.value(VersionId.CODEC));
        case 2 -> new Parts(in.value(Codec.UUID), in.value(ObjectKey.CODEC), in.bool());
        case 3 -> new Hidden(in.value(ObjectKey.CODEC));
        default -> throw new GarageException.Corrupt("unknown kind of release " + kind);
      };
    }
  }

  /** An entry in its place in the queue. */
  record Queued(byte[] key, Entry entry) {}

  private final Store store;
  private final Tree tree;
  private final Clock clock;
  private final Duration readersMax;

  /** {@code readersMax}: how long the download of an overwritten object goes on undisturbed. */
  ReleaseQueue(Store store, Clock clock, Duration readersMax) {
    this.store = store;
    this.tree = store.tree(TREE);
    this.clock = clock;
    this.readersMax = readersMax;
  }

  /** Adds {@code entry}, which nobody can be reading, to what {@code batch} does. */
  void add(Batch batch, Entry entry) {
    add(batch, entry, clock.wallMillis());
  }

  /** Adds {@code entry}, for a while from now. */
  void addLater(Batch batch, Entry entry, Duration by) {
    add(batch, entry, clock.wallMillis() + by.toMillis());
  }

  /** Adds {@code entry}, which a download that began before may still be reading. */
  void addAfterReaders(Batch batch, Entry entry) {
    add(batch, entry, clock.wallMillis() + readersMax.toMillis());
  }

  /** Adds what the {@code content} of a version that is gone here keeps outside its row. */
  void add(Batch batch, ObjectKey object, VersionId version, Content content) {
    long due = clock.wallMillis() + readersMax.toMillis();
    switch (content) {
      case Content.Inline() -> {}
      case Content.Blocks(Uuid dataId) -> add(batch, new Entry.Data(dataId, object, version), due);
      case Content.Parts(Uuid uploadId, Timestamp _, List<Content.PartRun> _) ->
          add(batch, new Entry.Parts(uploadId, object, true), due);
    }
  }

  /** Adds the version without an id that the present one of {@code object} hides here. */
  void addHidden(Batch batch, ObjectKey object) {
    addLater(batch, new Entry.Hidden(object), WRITERS);
  }

  private void add(Batch batch, Entry entry, long due) {
    byte[] key = new Writer().i64(due).raw(Entry.CODEC.encode(entry)).toBytes();
    batch.put(tree, key, new byte[0]);
  }

  /** Takes an entry off the queue, in {@code batch}. */
  void done(Batch batch, Queued queued) {
    batch.delete(tree, queued.key());
  }

  /** Puts an entry off, in {@code batch}. */
  void postpone(Batch batch, Queued queued, Duration by) {
    done(batch, queued);
    add(batch, queued.entry(), clock.wallMillis() + by.toMillis());
  }

  /** The first entries that are due, up to {@code max}. */
  List<Queued> due(int max) {
    byte[] end = new Writer().i64(clock.wallMillis() + 1).toBytes();
    List<Queued> entries = new ArrayList<>();
    try (Scan scan = store.scan(tree, KeyRange.of(null, end))) {
      Scan.Row row = scan.next();
      while (row != null && entries.size() < max) {
        ByteBuffer entry = ByteBuffer.wrap(row.key(), Long.BYTES, row.key().length - Long.BYTES);
        entries.add(new Queued(row.key(), Entry.CODEC.decode(entry)));
        row = scan.next();
      }
    }
    return entries;
  }

  /** Roughly how many entries wait. */
  long size() {
    return store.approximateCount(tree);
  }
}
