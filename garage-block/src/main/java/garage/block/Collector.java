package garage.block;

import garage.block.ReferenceRows.Queued;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes the blocks that nothing refers to, when their time has come; see {@link BlockStore}. */
final class Collector implements Worker {
  /** Queue rows worked off in one step, whose blocks are locked together. */
  private static final int STEP_ROWS_MAX = 64;

  /** The wait when a block is in use by others. */
  private static final Duration BUSY_PAUSE = Duration.ofMillis(100);

  /** The longest wait for the queue's first row. */
  private static final Duration RECHECK_MAX = Duration.ofSeconds(10);

  /** When a block that could not be deleted is tried again. */
  private static final Duration RETRY = Duration.ofMinutes(10);

  private static final Logger log = LoggerFactory.getLogger(Collector.class);

  private final BlockStore blocks;
  private final ReferenceRows rows;

  Collector(BlockStore blocks) {
    this.blocks = blocks;
    this.rows = blocks.rows();
  }

  @Override
  public String name() {
    return "block collector";
  }

  @Override
  public long queueLength() {
    return rows.queueLength();
  }

  @Override
  public WorkerState step() {
    long now = blocks.clock().wallMillis();
    List<Queued> due = new ArrayList<>();
    for (Queued queued : rows.queued(STEP_ROWS_MAX)) {
      if (queued.dueMillis() > now) {
        return collect(due) ? busy() : new WorkerState.Idle(untilDue(queued, now));
      }
      due.add(queued);
    }
    if (due.isEmpty()) {
      return new WorkerState.Idle(RECHECK_MAX);
    }
    return collect(due) ? busy() : new WorkerState.Busy();
  }

  private static WorkerState busy() {
    return new WorkerState.Throttled(BUSY_PAUSE);
  }

  private static Duration untilDue(Queued queued, long now) {
    Duration wait = Duration.ofMillis(queued.dueMillis() - now);
    return wait.compareTo(RECHECK_MAX) < 0 ? wait : RECHECK_MAX;
  }

  /** Works off the rows; answers whether some had to be left because their blocks are in use. */
  private boolean collect(List<Queued> due) {
    List<KeyedLocks.Held> locks = new ArrayList<>();
    Set<Hash> locked = new HashSet<>();
    boolean left = false;
    try {
      Batch batch = new Batch();
      for (Queued queued : due) {
        KeyedLocks.@Nullable Held lock =
            locked.contains(queued.hash()) ? null : blocks.blockLocks().tryExclusive(queued.hash());
        if (lock != null) {
          locks.add(lock);
          locked.add(queued.hash());
          collectOne(batch, queued);
        } else {
          left = true; // in use, or met in this step already: in a later step
        }
      }
      if (!batch.isEmpty()) {
        blocks.store().commit(batch);
      }
    } finally {
      locks.forEach(KeyedLocks.Held::close);
    }
    return left;
  }

  private void collectOne(Batch batch, Queued queued) {
    Hash hash = queued.hash();
    boolean referenced = rows.needed(hash);
    checkCount(batch, hash, referenced);
    rows.dequeue(batch, queued);
    switch (ReferenceChange.verdict(referenced, queued.dueMillis(), rows.due(hash))) {
      case LATER -> {}
      case KEEP -> {
        if (rows.due(hash) <= queued.dueMillis()) {
          rows.forgetDue(batch, hash);
        }
      }
      case DELETE -> delete(batch, hash);
    }
  }

  private void delete(Batch batch, Hash hash) {
    try {
      blocks.files().delete(hash);
      rows.forgetDue(batch, hash);
      rows.forgetCount(batch, hash);
    } catch (GarageException.StorageFailed e) {
      log.warn("block {} cannot be deleted, trying again later: {}", hash, e.getMessage());
      rows.enqueue(batch, new Queued(blocks.clock().wallMillis() + RETRY.toMillis(), hash));
    }
  }

  /** Rows are the truth; a count that contradicts them is a bug, and is put right. */
  private void checkCount(Batch batch, Hash hash, boolean referenced) {
    long count = rows.count(hash);
    if (referenced == count > 0 && count >= 0) {
      return;
    }
    long counted = rows.countNeeding(hash);
    log.error("block {} was counted to have {} references but has {}", hash, count, counted);
    rows.setCount(batch, hash, counted);
  }
}
