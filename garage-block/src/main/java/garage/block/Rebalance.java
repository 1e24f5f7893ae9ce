package garage.block;

import garage.block.disk.BlockFiles;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves blocks into the data directory where new ones go, when it is asked to: after capacities
 * changed, or a directory was added or made read-only. When nothing is left elsewhere, blocks are
 * not looked for there any more.
 */
final class Rebalance implements Worker {
  private static final Duration RECHECK = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(Rebalance.class);

  private final BlockStore blocks;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final Deque<Hash> atHand = new ArrayDeque<>();
  private volatile int leaf = BlockFiles.leaves();
  private long moved;
  private long left;

  Rebalance(BlockStore blocks) {
    this.blocks = blocks;
  }

  /** Begins, or begins again. */
  void ask() {
    asked.set(true);
  }

  @Override
  public String name() {
    return "block rebalance";
  }

  @Override
  public long queueLength() {
    return (long) BlockFiles.leaves() - leaf;
  }

  @Override
  public WorkerState step() {
    if (asked.getAndSet(false)) {
      leaf = 0;
      moved = 0;
      left = 0;
      atHand.clear();
    }
    int now = leaf;
    if (now == BlockFiles.leaves() && atHand.isEmpty()) {
      return new WorkerState.Idle(RECHECK);
    }
    if (atHand.isEmpty()) {
      atHand.addAll(blocks.files().misplaced(now));
      leaf = now + 1;
      if (leaf == BlockFiles.leaves() && atHand.isEmpty()) {
        finish();
      }
      return new WorkerState.Busy();
    }
    long begin = blocks.clock().nanos();
    move(atHand.removeFirst());
    if (leaf == BlockFiles.leaves() && atHand.isEmpty()) {
      finish();
    }
    return blocks.pace().after(Duration.ofNanos(blocks.clock().nanos() - begin), Pace.Hurry.REPAIR);
  }

  private void move(Hash hash) {
    try {
      boolean done = blocks.gather(hash);
      moved += done ? 1 : 0;
      left += done ? 0 : 1;
    } catch (GarageException.StorageFull | GarageException.StorageFailed e) {
      log.warn("Block {} stays where it is: {}", hash, e.getMessage());
      left++;
    }
  }

  private void finish() {
    log.info("{} blocks were moved to other data directories, {} could not be", moved, left);
    if (left == 0) {
      blocks.files().forgetEarlierPlaces();
    }
  }
}
