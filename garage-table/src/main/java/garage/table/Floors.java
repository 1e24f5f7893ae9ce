package garage.table;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Per partition of one table, the latest time at which tombstones were collected. What was made or
 * read before it may be an old state of a row that is gone for good.
 */
final class Floors {
  /** The tree of the floors of all tables: table, partition. */
  static final String TREE = "table_floor";

  private final Store store;
  private final Tree tree;
  private final byte[] table;
  private final Timestamp first;
  private final AtomicReferenceArray<Timestamp> floors =
      new AtomicReferenceArray<>(Partition.COUNT);
  private final ReentrantLock raising = new ReentrantLock();

  /**
   * Reads them. A store that has never had any begins at {@code hybrid}'s present time: it may be
   * that of a node which lost its disk, and messages from before may still be under way to it.
   */
  Floors(Store store, String table, HybridClock hybrid) {
    this.store = store;
    this.tree = store.tree(TREE);
    this.table = new Writer().raw(table.getBytes(StandardCharsets.UTF_8)).u8(0).toBytes();
    this.first = first(hybrid);
    Partition.all().forEach(partition -> floors.set(partition.number(), first));
    try (Scan scan = store.scan(tree, KeyRange.prefix(this.table))) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        if (row.key().length > this.table.length) {
          int partition = row.key()[this.table.length] & 0xff;
          floors.set(partition, first.max(decode(row.value())));
        }
      }
    }
  }

  private Timestamp first(HybridClock hybrid) {
    byte[] stored = store.get(tree, table);
    if (stored != null) {
      return decode(stored);
    }
    Timestamp now = hybrid.now();
    store.commit(new Batch().put(tree, table.clone(), encode(now)));
    return now;
  }

  private static Timestamp decode(byte[] value) {
    return new Reader(value).value(Timestamp.CODEC);
  }

  private static byte[] encode(Timestamp floor) {
    return new Writer().value(floor, Timestamp.CODEC).toBytes();
  }

  Timestamp of(Partition partition) {
    return floors.get(partition.number());
  }

  /** Commits {@code batch} with the floor of {@code partition} at {@code floor} or above. */
  void commit(Batch batch, Partition partition, Timestamp floor) {
    raising.lock();
    try {
      Timestamp next = of(partition).max(floor);
      byte[] key = new Writer().raw(table).u8(partition.number()).toBytes();
      store.commit(batch.put(tree, key, encode(next)));
      floors.set(partition.number(), next);
    } finally {
      raising.unlock();
    }
  }
}
