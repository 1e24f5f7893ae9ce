package garage.block;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.id.Hash;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that {@link Resync} is to look at: a row for each, a queue in the order of time, and a
 * count for each partition. A block's rows are changed under its lock, exclusively. A queue row
 * whose time is not the one in the block's row is left over and means nothing.
 */
final class WantedRows {
  private static final byte[] NOTHING = {};

  private final Store store;
  private final Tree wanted;
  private final Tree queue;
  private final Tree counts;

  WantedRows(Store store) {
    this.store = store;
    this.wanted = store.tree(BlockTrees.WANTED);
    this.queue = store.tree(BlockTrees.RESYNC);
    this.counts = store.tree(BlockTrees.WANTED_COUNTS);
  }

  /** An entry of the queue. */
  record Due(long millis, Hash hash) {
    private byte[] key() {
      return new Writer(40).i64(millis).bytes32(hash.value()).toBytes();
    }

    private static Due of(byte[] key) {
      Reader in = new Reader(key);
      Due due = new Due(in.i64(), new Hash(in.bytes32()));
      in.end();
      return due;
    }
  }

  /** A wanted block. */
  record Entry(Hash hash, WantedBlock block) {}

  @Nullable WantedBlock get(Hash hash) {
    byte[] value = store.get(wanted, hash.toBytes());
    return value == null ? null : WantedBlock.CODEC.decode(value);
  }

  /** Sets or replaces the block's row. */
  void put(Batch batch, Hash hash, WantedBlock block) {
    WantedBlock before = get(hash);
    if (before == null) {
      batch.add(counts, partition(hash), 1);
    } else {
      batch.delete(queue, new Due(before.nextTryMillis(), hash).key());
    }
    batch.put(wanted, hash.toBytes(), WantedBlock.CODEC.encode(block));
    batch.put(queue, new Due(block.nextTryMillis(), hash).key(), NOTHING);
  }

  /** Has the block looked at now, unless it is wanted already. */
  void want(Batch batch, Hash hash, long nowMillis) {
    if (get(hash) == null) {
      put(batch, hash, WantedBlock.at(nowMillis));
    }
  }

  /** Forgets the block. */
  void remove(Batch batch, Hash hash) {
    WantedBlock before = get(hash);
    if (before != null) {
      batch.delete(wanted, hash.toBytes());
      batch.delete(queue, new Due(before.nextTryMillis(), hash).key());
      batch.add(counts, partition(hash), -1);
    }
  }

  /** Removes a queue row that means nothing. */
  void drop(Batch batch, Due due) {
    batch.delete(queue, due.key());
  }

  /** The first entries of the queue, up to {@code max}. */
  List<Due> queued(int max) {
    List<Due> found = new ArrayList<>();
    try (Scan scan = store.scan(queue, KeyRange.all())) {
      Scan.Row row = scan.next();
      while (row != null) {
        found.add(Due.of(row.key()));
        row = found.size() < max ? scan.next() : null;
      }
    }
    return found;
  }

  /** Up to {@code max} wanted blocks after {@code after}, in the order of their hashes. */
  List<Entry> list(@Nullable Hash after, int max) {
    List<Entry> found = new ArrayList<>();
    byte[] from = after == null ? NOTHING : new Writer(33).bytes32(after.value()).u8(0).toBytes();
    try (Scan scan = store.scan(wanted, KeyRange.of(from, null))) {
      Scan.Row row = scan.next();
      while (row != null && found.size() < max) {
        found.add(new Entry(Hash.of(row.key()), WantedBlock.CODEC.decode(row.value())));
        row = scan.next();
      }
    }
    return found;
  }

  /** How many blocks of a partition are wanted. */
  long count(Partition partition) {
    return Batch.counter(store.get(counts, new byte[] {(byte) partition.number()}));
  }

  /** How many blocks are wanted. */
  long count() {
    long all = 0;
    try (Scan scan = store.scan(counts, KeyRange.all())) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        all += Batch.counter(row.value());
      }
    }
    return all;
  }

  private static byte[] partition(Hash hash) {
    return new byte[] {(byte) hash.value().firstByte()};
  }
}
