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
import java.util.List;

/**
 * The rows about references and deletion in the metadata store. Nothing here locks or commits:
 * {@link BlockStore} does.
 */
final class ReferenceRows {
  /** The only form of a reference row so far: a version byte. */
  private static final byte[] REFERENCE_V1 = {1};

  private static final byte[] NOTHING = {};

  private final Store store;
  private final Tree references;
  private final Tree counts;
  private final Tree due;
  private final Tree queue;

  ReferenceRows(Store store) {
    this.store = store;
    references = store.tree(BlockTrees.REFERENCES);
    counts = store.tree(BlockTrees.COUNTS);
    due = store.tree(BlockTrees.DUE);
    queue = store.tree(BlockTrees.QUEUE);
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

  boolean present(BlockReference reference) {
    return store.get(references, reference.key()) != null;
  }

  /** The block's count, as counted. */
  long count(Hash hash) {
    return Batch.counter(store.get(counts, hash.toBytes()));
  }

  /** Whether the block has a row: the truth, by which it is kept or deleted. */
  boolean anyRow(Hash hash) {
    try (Scan scan = store.scan(references, KeyRange.prefix(hash.toBytes()))) {
      return scan.next() != null;
    }
  }

  /** The number of the block's rows, counted now. */
  long countRows(Hash hash) {
    long rows = 0;
    try (Scan scan = store.scan(references, KeyRange.prefix(hash.toBytes()))) {
      while (scan.next() != null) {
        rows++;
      }
    }
    return rows;
  }

  void apply(Batch batch, BlockReference reference, ReferenceChange change, long dueMillis) {
    switch (change.row()) {
      case UNCHANGED -> {}
      case PUT -> batch.put(references, reference.key(), REFERENCE_V1);
      case DELETE -> batch.delete(references, reference.key());
    }
    if (change.delta() != 0) {
      batch.add(counts, reference.hash().toBytes(), change.delta());
    }
    if (change.queued()) {
      enqueue(batch, new Queued(dueMillis, reference.hash()));
    }
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
