package garage.table;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.id.NodeId;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.layout.Tenures;
import garage.table.replication.Placement;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions of one table this node has been a replica of without a break. What it holds of
 * another may be of a time before the others deleted it and forgot that they had: it must be taken
 * away before it is shown to anybody, and be had from them anew.
 *
 * <p>Nothing is lost by that: a partition was given to other nodes in a change of layout that ended
 * only when a write quorum of them, without this node, held all that was acknowledged.
 */
final class Tenure {
  /** The tree of the tenures of all tables: table, partition; the last version held in. */
  static final String TREE = "table_tenure";

  private final Placement placement;
  private final Store store;
  private final Tree tree;
  private final byte[] table;
  private final Tenures tenures;
  private final ReentrantLock changing = new ReentrantLock();
  private volatile @Nullable Known known;

  /** The partitions that are stale in one epoch. */
  private record Known(long epoch, PartitionSet stale) {}

  /** {@code isEmpty}: whether there is no row of a partition here. */
  Tenure(
      Placement placement, Store store, String table, NodeId self, Predicate<Partition> isEmpty) {
    this.placement = placement;
    this.store = store;
    this.tree = store.tree(TREE);
    this.table = new Writer().raw(table.getBytes(StandardCharsets.UTF_8)).u8(0).toBytes();
    this.tenures =
        new Tenures(
            new Tenures.Holding(
                placement.partitions(),
                (version, partition) -> placement.holders(version, partition).contains(self),
                isEmpty));
    try (Scan scan = store.scan(tree, KeyRange.prefix(this.table))) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        int number = row.key()[this.table.length] & 0xff;
        tenures.restore(Partition.of(number), new Reader(row.value()).varint());
      }
    }
  }

  /** The partitions whose rows must be taken away before anything else. */
  PartitionSet stale() {
    Optional<LayoutHistory> layout = placement.layout();
    if (layout.isEmpty()) {
      return PartitionSet.NONE;
    }
    Known now = known;
    if (now == null || now.epoch() != layout.get().epoch().number()) {
      now = look(layout.get());
    }
    return now.stale();
  }

  /** There is no row of {@code partition} here: from now on it is held in the present version. */
  void begin(Partition partition) {
    LayoutHistory layout = placement.layout().orElseThrow();
    changing.lock();
    try {
      Batch batch = new Batch();
      tenures.begin(partition, layout, (p, version) -> put(p, version, batch));
      commit(batch);
      known = null;
    } finally {
      changing.unlock();
    }
  }

  private Known look(LayoutHistory layout) {
    changing.lock();
    try {
      Batch batch = new Batch();
      PartitionSet stale = tenures.stale(layout, (p, version) -> put(p, version, batch));
      commit(batch);
      Known now = new Known(layout.epoch().number(), stale);
      known = now;
      return now;
    } finally {
      changing.unlock();
    }
  }

  private void put(Partition partition, long version, Batch batch) {
    byte[] key = new Writer().raw(table).u8(partition.number()).toBytes();
    batch.put(tree, key, new Writer().varint(version).toBytes());
  }

  private void commit(Batch batch) {
    if (!batch.isEmpty()) {
      store.commit(batch);
    }
  }
}
