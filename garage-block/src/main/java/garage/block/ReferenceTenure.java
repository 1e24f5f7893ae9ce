package garage.block;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Of which partitions this node has kept the references without a break. What it holds of another
 * may be of a time before the others released it and forgot that they had: brought to them, it
 * would make references that nothing takes back, of blocks that may be gone. So such rows are taken
 * away before any are shown, compared or added, and are had from the others anew.
 *
 * <p>Nothing is lost by that: a layout without this node came to count only when a write quorum
 * without it knew every reference that was acknowledged. The files stay: the collector deletes
 * those that are not referred to again in time.
 */
final class ReferenceTenure {
  /** Rows taken away in one batch. */
  private static final int BATCH_ROWS = 512;

  private static final Logger log = LoggerFactory.getLogger(ReferenceTenure.class);

  private final BlockStore blocks;
  private final BlockPlacement placement;
  private final Store store;
  private final Tree tree;
  private final Tenures tenures;
  private final ReentrantLock changing = new ReentrantLock();
  private volatile @Nullable Known known;

  /** The partitions that are stale in one epoch. */
  private record Known(long epoch, PartitionSet stale) {}

  ReferenceTenure(BlockStore blocks, BlockPlacement placement, NodeId self) {
    this.blocks = blocks;
    this.placement = placement;
    this.store = blocks.store();
    this.tree = store.tree(BlockTrees.TENURE);
    this.tenures =
        new Tenures(
            new Tenures.Holding(
                Partition.all(),
                (version, partition) -> version.nodesOf(partition).contains(self),
                partition -> page(partition, 1).isEmpty()));
    try (Scan scan = store.scan(tree, KeyRange.all())) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        Partition partition = Partition.of(row.key()[0] & 0xff);
        tenures.restore(partition, new Reader(row.value()).varint());
      }
    }
  }

  /** Whether the rows of a partition must be taken away before anything else. */
  boolean isStale(Partition partition) {
    Optional<LayoutHistory> layout = placement.layout();
    if (layout.isEmpty()) {
      return false;
    }
    Known now = known;
    if (now == null || now.epoch() != layout.get().epoch().number()) {
      now = look(layout.get());
    }
    return now.stale().contains(partition);
  }

  /** Fails while the rows of a partition must neither be shown nor be added to. */
  void check(Partition partition) {
    if (isStale(partition)) {
      throw new GarageException.Overloaded(
          "references of " + partition + " are those of an earlier layout, and are taken away");
    }
  }

  /** Takes away what must not be there of a partition. */
  void takeAwayStale(Partition partition) {
    if (!isStale(partition)) {
      return;
    }
    long taken = 0;
    List<ReferenceRow> page = page(partition, BATCH_ROWS);
    while (!page.isEmpty()) {
      blocks.drop(page.stream().map(ReferenceRow::reference).toList());
      taken += page.size();
      page = page(partition, BATCH_ROWS);
    }
    begin(partition);
    log.info("{}: {} references of an earlier layout were taken away", partition, taken);
  }

  private List<ReferenceRow> page(Partition partition, int max) {
    byte[] from = {(byte) partition.number()};
    return blocks.rows().rows(from, ReferenceExchange.last(partition), max);
  }

  /** There is no row of the partition here: from now on it is held in the present version. */
  private void begin(Partition partition) {
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
    byte[] key = {(byte) partition.number()};
    batch.put(tree, key, new Writer().varint(version).toBytes());
  }

  private void commit(Batch batch) {
    if (!batch.isEmpty()) {
      store.commit(batch);
    }
  }
}
