package garage.block;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.id.Hash;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows about references and deletion in the metadata store. Nothing here locks or commits:
 * {@link BlockStore} does.
 */
final class ReferenceRows {
  private static final byte[] NOTHING = {};

  private final Store store;
  private final Tree references;
  private final Tree counts;
  private final Tree due;
  private final Tree queue;
  private final Tree tombstones;
  private final ReferenceSums sums;

  ReferenceRows(Store store) {
    this.store = store;
    references = store.tree(BlockTrees.REFERENCES);
    counts = store.tree(BlockTrees.COUNTS);
    due = store.tree(BlockTrees.DUE);
    queue = store.tree(BlockTrees.QUEUE);
    tombstones = store.tree(BlockTrees.TOMBSTONES);
    sums = new ReferenceSums(store);
  }

  /** The sums over the rows. */
  ReferenceSums sums() {
    return sums;
  }

  /** An entry of the collector's queue. */
  record Queued(long dueMillis, Hash hash) {
    byte[] key() {
      return new Writer(40).i64(dueMillis).bytes32(hash.value()).toBytes();
    }

    static Queued of(byte[] key) {
      Reader in = new Reader(key);
      Queued queued = new Queued(in.i64(), new Hash(in.bytes32()));
      in.end();
      return queued;
    }
  }

  /** A released reference in the queue of those to be forgotten. */
  record Tombstone(long releasedMillis, BlockReference reference) {
    byte[] key() {
      return new Writer(72).i64(releasedMillis).raw(reference.key()).toBytes();
    }

    static Tombstone of(byte[] key) {
      Reader in = new Reader(key);
      Tombstone tombstone = new Tombstone(in.i64(), BlockReference.ofKey(in.raw(64)));
      in.end();
      return tombstone;
    }
  }

  /** What is known of a reference. */
  ReferenceState state(BlockReference reference) {
    byte[] value = store.get(references, reference.key());
    return value == null ? ReferenceState.ABSENT : ReferenceState.ofCode(value[0]);
  }

  /** Whether a reference needs its block. */
  boolean present(BlockReference reference) {
    return state(reference) == ReferenceState.PRESENT;
  }

  /**
   * Up to {@code max} rows in the order of their keys.
   *
   * @param after exclusive; a whole key, or shorter
   * @param to inclusive
   */
  List<ReferenceRow> rows(byte[] after, byte[] to, int max) {
    List<ReferenceRow> found = new ArrayList<>();
    byte[] end = new Writer(to.length + 1).raw(to).u8(0).toBytes();
    try (Scan scan = store.scan(references, KeyRange.of(after, end))) {
      Scan.Row row = scan.next();
      while (row != null && found.size() < max) {
        if (!Arrays.equals(row.key(), after)) {
          found.add(row(row));
        }
        row = scan.next();
      }
    }
    return found;
  }

  private static ReferenceRow row(Scan.Row row) {
    return new ReferenceRow(BlockReference.ofKey(row.key()), ReferenceState.ofCode(row.value()[0]));
  }

  /** The references of a block, up to {@code max}. */
  List<ReferenceRow> of(Hash hash, int max) {
    List<ReferenceRow> found = new ArrayList<>();
    try (Scan scan = store.scan(references, KeyRange.prefix(hash.toBytes()))) {
      Scan.Row row = scan.next();
      while (row != null && found.size() < max) {
        found.add(row(row));
        row = scan.next();
      }
    }
    return found;
  }

  /** Up to {@code max} blocks of {@code [from, end)} that were counted, needed now or not. */
  List<Hash> counted(byte[] from, byte @Nullable [] end, int max) {
    List<Hash> found = new ArrayList<>();
    try (Scan scan = store.scan(counts, KeyRange.of(from, end))) {
      Scan.Row row = scan.next();
      while (row != null && found.size() < max) {
        found.add(Hash.of(row.key()));
        row = scan.next();
      }
    }
    return found;
  }

  /** The least key after that of {@code hash}. */
  static byte[] after(Hash hash) {
    return new Writer(33).bytes32(hash.value()).u8(0).toBytes();
  }

  /** The block's count, as counted. */
  long count(Hash hash) {
    return Batch.counter(store.get(counts, hash.toBytes()));
  }

  /** Whether some reference needs the block: the truth, by which it is kept or deleted. */
  boolean needed(Hash hash) {
    return needing(hash, 1) > 0;
  }

  /** The number of references that need the block, counted now. */
  long countNeeding(Hash hash) {
    return needing(hash, Long.MAX_VALUE);
  }

  private long needing(Hash hash, long max) {
    long needing = 0;
    try (Scan scan = store.scan(references, KeyRange.prefix(hash.toBytes()))) {
      Scan.Row row = scan.next();
      while (row != null && needing < max) {
        needing += ReferenceState.ofCode(row.value()[0]) == ReferenceState.PRESENT ? 1 : 0;
        row = scan.next();
      }
    }
    return needing;
  }

  /** Changes a row and all that is derived from it. */
  void apply(Batch batch, BlockReference reference, ReferenceChange change, Times times) {
    if (change.isNone()) {
      return;
    }
    if (change.after() == ReferenceState.ABSENT) {
      batch.delete(references, reference.key());
    } else {
      batch.put(references, reference.key(), new byte[] {change.after().code()});
    }
    sums.apply(batch, reference, change);
    if (change.delta() != 0) {
      batch.add(counts, reference.hash().toBytes(), change.delta());
    }
    if (change.queued()) {
      enqueue(batch, new Queued(times.dueMillis(), reference.hash()));
    }
    if (change.buried()) {
      bury(batch, new Tombstone(times.nowMillis(), reference));
    }
  }

  /** When it is, and when a block that loses its last reference now may go, in wall-clock time. */
  record Times(long nowMillis, long dueMillis) {}

  /** Has a tombstone looked at when its time comes. */
  void bury(Batch batch, Tombstone tombstone) {
    batch.put(tombstones, tombstone.key(), NOTHING);
  }

  /** Forgets that a tombstone is to be looked at. */
  void unbury(Batch batch, Tombstone tombstone) {
    batch.delete(tombstones, tombstone.key());
  }

  /** Roughly how many tombstones there are. */
  long tombstoneCount() {
    return store.approximateCount(tombstones);
  }

  /** Roughly how many blocks are counted. */
  long countedApproximately() {
    return store.approximateCount(counts);
  }

  /** The oldest tombstones, up to {@code max}. */
  List<Tombstone> tombstones(int max) {
    List<Tombstone> found = new ArrayList<>();
    try (Scan scan = store.scan(tombstones, KeyRange.all())) {
      Scan.Row row = scan.next();
      while (row != null && found.size() < max) {
        found.add(Tombstone.of(row.key()));
        row = scan.next();
      }
    }
    return found;
  }

  /** Has the collector look at a block at some time. */
  void enqueue(Batch batch, Queued queued) {
    batch.put(queue, queued.key(), NOTHING);
    batch.put(due, queued.hash().toBytes(), new Writer(8).i64(queued.dueMillis()).toBytes());
  }

  void dequeue(Batch batch, Queued queued) {
    batch.delete(queue, queued.key());
  }

  /** Forgets when the block may go. */
  void forgetDue(Batch batch, Hash hash) {
    batch.delete(due, hash.toBytes());
  }

  /** Forgets the count. */
  void forgetCount(Batch batch, Hash hash) {
    batch.delete(counts, hash.toBytes());
  }

  /** Sets a count that was found to be wrong. */
  void setCount(Batch batch, Hash hash, long count) {
    batch.delete(counts, hash.toBytes()).add(counts, hash.toBytes(), count);
  }

  /** When the latest queue row of a block is due; 0 if there is none. */
  long due(Hash hash) {
    byte[] value = store.get(due, hash.toBytes());
    return value == null ? 0 : new Reader(value).i64();
  }

  /** Whether a block is needed, or the collector will look at it anyway. */
  boolean known(Hash hash) {
    return count(hash) > 0 || due(hash) > 0;
  }

  /** The first entries of the queue, up to {@code max}. */
  List<Queued> queued(int max) {
    List<Queued> found = new ArrayList<>();
    try (Scan scan = store.scan(queue, KeyRange.all())) {
      Scan.Row row = found.size() < max ? scan.next() : null;
      while (row != null) {
        found.add(Queued.of(row.key()));
        row = found.size() < max ? scan.next() : null;
      }
    }
    return found;
  }

  /** Roughly how long the queue is. */
  long queueLength() {
    return store.approximateCount(queue);
  }
}
