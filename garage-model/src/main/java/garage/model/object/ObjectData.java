package garage.model.object;

import garage.block.BlockBuffer;
import garage.block.Blocks;
import garage.block.disk.BlockSink;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.table.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs of bytes in blocks: what objects and parts that are too large for their row refer to.
 *
 * <p>Data is written before anything refers to it, so a crash in between would leak it. Therefore a
 * run is durably noted on the writing node as pending before its first block, with what is going to
 * refer to it, and {@link #settle settled} or {@link #abandon abandoned} after; what a crash leaves
 * pending, or a write whose outcome is not known, is decided by looking at the owner ({@link
 * PendingDataRecovery}). Each block's row in the block list is durable before the block's
 * reference, so that whatever holds a reference can be found; the first row of a run also names its
 * owner.
 */
public final class ObjectData {
  /** The tree of the runs this node is writing. */
  static final String PENDING_TREE = "pending_data";

  /** Block-list rows read or written at once. */
  private static final int PAGE = 1_000;

  /**
   * When a run that nothing refers to is looked at once more: anti-entropy, every 10 to 12 minutes,
   * has shown by then the row that a single replica had when the power went.
   */
  private static final Duration LATE = Duration.ofMinutes(15);

  /** Runs in doubt that are remembered; 1 MB. Of more the next start decides. */
  private static final int DOUBTFUL_MAX = 10_000;

  private static final Logger log = LoggerFactory.getLogger(ObjectData.class);

  private final Table<DataBlock> lists;
  private final Blocks blocks;
  private final Store store;
  private final Tree pending;
  private final ReleaseQueue releases;
  private final RandomSource random;
  private final BlockingQueue<Uuid> doubtful = new LinkedBlockingQueue<>(DOUBTFUL_MAX);

  ObjectData(
      Table<DataBlock> lists,
      Blocks blocks,
      Store store,
      ReleaseQueue releases,
      RandomSource random) {
    this.lists = lists;
    this.blocks = blocks;
    this.store = store;
    this.pending = store.tree(PENDING_TREE);
    this.releases = releases;
    this.random = random;
  }

  /** A run of which it is not known whether its owner refers to it. */
  record Pending(Uuid dataId, DataOwner owner) {}

  /** Begins a run of bytes that {@code owner} is going to refer to. */
  public Uuid begin(DataOwner owner) {
    Uuid dataId = salt();
    store.commit(new Batch().put(pending, dataId.toBytes(), DataOwner.CODEC.encode(owner)));
    return dataId;
  }

  /** An id that was never used and never will be, as that of a run. */
  public Uuid salt() {
    return Uuid.of(random.bytes(Bytes32.LENGTH));
  }

  /** Memory for a block; see {@link Blocks#buffer}. */
  public BlockBuffer buffer(int bytes, Deadline deadline) {
    return blocks.buffer(bytes, deadline);
  }

  /**
   * Stores one block of a run, durably, and gives its memory back. Blocks of a run may be stored in
   * any order and at once.
   *
   * @param block where it goes, with the SHA-256 and the size of {@code plain}
   */
  public void append(DataBlock block, BlockBuffer plain, Deadline deadline) {
    try {
      lists.insert(owned(block), deadline);
    } catch (GarageException e) {
      plain.close();
      throw e;
    }
    blocks.put(block.hash(), plain, block.dataId(), deadline);
  }

  /** Appends blocks that are stored already, as a copy does; offsets are of the new run. */
  public void appendExisting(Uuid dataId, List<DataBlock> copies, Deadline deadline) {
    lists.insert(
        copies.stream()
            .map(c -> owned(DataBlock.of(dataId, c.offset(), c.hash(), c.size())))
            .toList(),
        deadline);
    blocks.reference(copies.stream().map(DataBlock::hash).distinct().toList(), dataId, deadline);
  }

  /** The first block's row names the owner, as it was noted when the run began. */
  private DataBlock owned(DataBlock block) {
    return block.offset() > 0 ? block : block.of(pendingOwner(block.dataId()));
  }

  private @Nullable DataOwner pendingOwner(Uuid dataId) {
    byte[] noted = store.get(pending, dataId.toBytes());
    return noted == null ? null : DataOwner.CODEC.decode(noted);
  }

  /** Whether this node is writing the run, or does not know yet what became of it. */
  boolean isPending(Uuid dataId) {
    return pendingOwner(dataId) != null;
  }

  /** What a run is for; null if its first block is not on record, or no more. */
  @Nullable DataOwner owner(Uuid dataId, Deadline deadline) {
    return first(dataId, deadline).map(DataBlock::owner).orElse(null);
  }

  /** The row of a run's first block, also if it was given back. */
  Optional<DataBlock> first(Uuid dataId, Deadline deadline) {
    return lists.get(dataId.toBytes(), DataBlock.sortKey(0), deadline);
  }

  /** Gives back one block of a run that nothing refers to, ahead of the others. */
  void releaseBlock(Hash hash, Uuid dataId, Deadline deadline) {
    blocks.release(List.of(hash), dataId, deadline);
  }

  /**
   * The first row that this node has of the runs at or after {@code from}, in the order of their
   * ids; null if there is none.
   */
  @Nullable DataBlock firstHere(byte[] from) {
    List<DataBlock> rows = lists.localRange(KeyRange.of(from, null), 1);
    return rows.isEmpty() ? null : rows.getFirst();
  }

  /** Its owner refers to the run now. */
  public void settle(Uuid dataId) {
    store.commit(new Batch().delete(pending, dataId.toBytes()));
  }

  /** Nothing will refer to the run: gives back what was stored of it, in the background. */
  public void abandon(Uuid dataId) {
    Batch batch = new Batch().delete(pending, dataId.toBytes());
    releases.add(batch, ReleaseQueue.Entry.Data.unreferenced(dataId));
    releases.addLater(batch, ReleaseQueue.Entry.Data.unreferenced(dataId), LATE);
    store.commit(batch);
  }

  /**
   * Whether the owner refers to the run is not known, and nothing more is being done about it: that
   * is looked into in the background.
   */
  public void doubt(Uuid dataId) {
    if (!doubtful.offer(dataId)) {
      log.warn("Run {} of unknown outcome is looked into after the next start", dataId);
    }
  }

  /** The next run in doubt; null if there is none. */
  @Nullable Pending nextDoubtful() {
    Uuid dataId = doubtful.poll();
    while (dataId != null) {
      DataOwner owner = pendingOwner(dataId);
      if (owner != null) {
        return new Pending(dataId, owner);
      }
      dataId = doubtful.poll();
    }
    return null;
  }

  int doubtfulCount() {
    return doubtful.size();
  }

  /** Up to {@code limit} blocks of a run from the one that holds the byte at {@code offset}. */
  public List<DataBlock> blocks(Uuid dataId, long offset, int limit, Deadline deadline) {
    List<DataBlock> found = new ArrayList<>();
    int wanted = Math.min(PAGE, limit);
    long from = offset;
    while (found.size() < limit) {
      List<DataBlock> page =
          lists.rangeFromFloor(dataId.toBytes(), DataBlock.sortKey(from), wanted, deadline);
      long reached = from;
      for (DataBlock block : page) {
        if (!block.deleted() && block.end() > from && found.size() < limit) {
          found.add(block);
          reached = block.end();
        }
      }
      if (page.size() < wanted || reached == from) {
        break;
      }
      from = reached;
    }
    return found;
  }

  /** Hands bytes {@code [from, to)} of a block to {@code sink}, verified. */
  public void read(DataBlock block, int from, int to, BlockSink sink, Deadline deadline) {
    blocks.read(block.hash(), from, to, sink, deadline);
  }

  /**
   * Gives back a run; answers whether nothing is left of it. The rows become tombstones, which
   * {@link Table} collects: a replica that is away holds nothing up.
   */
  boolean release(Uuid dataId, Deadline deadline) {
    byte[] from = DataBlock.sortKey(0);
    while (true) {
      List<DataBlock> page = lists.range(dataId.toBytes(), from, PAGE, deadline);
      List<DataBlock> live = page.stream().filter(b -> !b.deleted()).toList();
      if (!live.isEmpty()) {
        blocks.release(live.stream().map(DataBlock::hash).distinct().toList(), dataId, deadline);
        lists.insert(live.stream().map(DataBlock::asDeleted).toList(), deadline);
      }
      if (page.size() < PAGE) {
        return true;
      }
      from = DataBlock.sortKey(page.getLast().offset() + 1);
    }
  }

  /** Whether some block of the run is on record: of one given back none is. */
  public boolean exists(Uuid dataId, Deadline deadline) {
    long from = 0;
    while (true) {
      List<DataBlock> page = lists.range(dataId.toBytes(), DataBlock.sortKey(from), PAGE, deadline);
      if (page.stream().anyMatch(block -> !block.deleted())) {
        return true;
      }
      if (page.size() < PAGE) {
        return false;
      }
      from = page.getLast().offset() + 1;
    }
  }

  /** What was pending when this node last stopped, up to {@code max}. */
  List<Pending> pending(int max) {
    List<Pending> found = new ArrayList<>();
    try (Scan scan = store.scan(pending, KeyRange.all())) {
      Scan.Row row = scan.next();
      while (row != null && found.size() < max) {
        found.add(new Pending(Uuid.of(row.key()), DataOwner.CODEC.decode(row.value())));
        row = scan.next();
      }
    }
    return found;
  }
}
