package garage.db.rocksdb;

import garage.common.check.Invariant;
import garage.common.error.GarageException;
import garage.db.Batch.Change;
import garage.db.CommitStatistics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: many tasks hand in batches, one platform thread writes all that wait as one write
 * with one sync, and wakes their tasks. While it syncs, the next group gathers; so the throughput
 * grows with the number of tasks and a lone task waits for one sync only.
 *
 * <p>Invariant: a batch is acknowledged only after the write that contained it returned; if that
 * write failed, every batch of the group fails, and none of it is tried again: its outcome is
 * unknown until the store is opened again. Batches are written in the order of the queue.
 *
 * <p>Concurrency: the queue is guarded by {@code lock}; a batch in the writer's hands is touched by
 * it alone, until the volatile write of {@code state} hands it back. Tasks wait by parking, which
 * costs no lock: at 64 tasks a condition would wake them all through one lock. The wait for the
 * sync is not interruptible, because the writer still reads the caller's arrays; the wait for room
 * is.
 *
 * @see <a href="https://dl.acm.org/doi/10.1145/971697.602261">DeWitt et al., Implementation
 *     Techniques for Main Memory Database Systems (1984), where group commit comes from</a>
 */
final class GroupCommit implements AutoCloseable {
  /** Waiting batches: more tasks than a node serves requests at a time. */
  static final int QUEUE_BATCHES_MAX = 1024;

  /** Bytes of waiting batches, beyond which tasks wait for room; a batch may exceed it, alone. */
  static final long QUEUE_BYTES_MAX = 16L << 20;

  /** Bytes written at once; a larger group would delay its first batch more than a sync costs. */
  static final long GROUP_BYTES_MAX = 4L << 20;

  /** The part of the last write's time that the next may wait to gather: one over this. */
  private static final long GATHER_SHARE = 4;

  /** Longest wait to gather; a sync that takes longer than four times this is slow anyway. */
  private static final long GATHER_NANOS_MAX = 1_000_000;

  /** Groups written without gathering after it was in vain. */
  private static final int GATHER_PAUSE_GROUPS = 16;

  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

  private final Log log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private final Thread writer;
  private long queuedBytes;
  private int wanted = 1;
  private boolean closed;
  private @Nullable Failure broken;

  // Of the writer's thread alone: what the last write took, the tasks that took part in it or
  // waited
  // when it ended, and the groups to come that are not gathered.
  private long lastWriteNanos;
  private int atWork = 1;
  private int pause;

  private volatile CommitStatistics statistics = new CommitStatistics(0, 0, 0);

  GroupCommit(Log log) {
    this.log = log;
    this.writer = Thread.ofPlatform().name("garage-store-writer").daemon(true).unstarted(this::run);
    writer.start();
  }

  /** What the groups are written to. */
  interface Log {
    /**
     * Makes all batches durable and visible together, in order.
     *
     * @return how many syncs it took
     * @throws GarageException if none of it may be acknowledged
     */
    int write(List<Pending> group);
  }

  /** Returns once the changes are durable and visible; {@code bytes} is their size. */
  void commit(List<Change> changes, long bytes) {
    Pending pending = new Pending(changes, bytes, Thread.currentThread());
    enqueue(pending);
    pending.await();
  }

  CommitStatistics statistics() {
    return statistics;
  }

  /** The number of batches that wait for the writer. */
  int queued() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses further batches, and returns when all accepted ones are written. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    joinWriter();
  }

  private void enqueue(Pending pending) {
    try {
      lock.lockInterruptibly();
      try {
        while (!closed && broken == null && !hasRoom()) {
          room.await();
        }
        checkAccepting();
        queue.add(pending);
        queuedBytes += pending.bytes;
        if (queue.size() == wanted || queuedBytes >= GROUP_BYTES_MAX) {
          work.signal();
        }
        if (hasRoom()) {
          room.signal(); // the next in line, which may have been woken for nothing before
        }
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GarageException.Cancelled("the task was cancelled");
    }
  }

  private boolean hasRoom() {
    return queue.size() < QUEUE_BATCHES_MAX && queuedBytes < QUEUE_BYTES_MAX;
  }

  private void checkAccepting() {
    if (broken != null) {
      throw broken.exception();
    }
    if (closed) {
      throw new GarageException.StorageFailed("the metadata store is closed", null);
    }
  }

  /** The writer's top frame. */
  @SuppressWarnings("CatchingUnchecked") // the top frame of a thread
  private void run() {
    List<Pending> group = new ArrayList<>();
    try {
      while (take(group)) {
        write(group);
        group.clear();
      }
    } catch (Throwable e) {
      LOG.error("the metadata store's writer failed; it accepts nothing more", e);
      breakDown(new Failure(false, "the metadata store's writer failed: " + e, e), group);
    }
  }

  private void write(List<Pending> group) {
    @Nullable Failure failure = null;
    int syncs = 0;
    long begin = System.nanoTime();
    try {
      syncs = log.write(group);
    } catch (GarageException e) {
      failure =
          new Failure(e instanceof GarageException.StorageFull, String.valueOf(e.getMessage()), e);
    }
    lastWriteNanos = System.nanoTime() - begin;
    atWork = group.size() + queued();
    if (failure == null) {
      CommitStatistics s = statistics;
      statistics =
          new CommitStatistics(s.batches() + group.size(), s.groups() + 1, s.syncs() + syncs);
    }
    for (Pending pending : group) {
      pending.finish(failure);
    }
  }

  /** Waits for work and moves it to {@code group}; false once closed and drained. */
  private boolean take(List<Pending> group) {
    lock.lock();
    try {
      while (queue.isEmpty()) {
        if (closed) {
          return false;
        }
        work.awaitUninterruptibly();
      }
      gather();
      long bytes = 0;
      do {
        Pending next = queue.remove();
        bytes += next.bytes;
        group.add(next);
      } while (!queue.isEmpty() && bytes + queue.element().bytes <= GROUP_BYTES_MAX);
      queuedBytes -= bytes;
      Invariant.check(queuedBytes >= 0, "a queue holds no negative bytes", queuedBytes);
      room.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the tasks that were just woken a moment to come back with their next batches. Without it
   * two halves of the tasks take turns, each waiting for the other's sync: with 64 busy tasks it
   * makes the groups twice as large, and with a sync of 2 ms the throughput 1.8 times. Where tasks
   * do not come back soon it stops waiting for them, and costs nothing that can be measured.
   */
  private void gather() {
    if (pause > 0) {
      pause--;
      return;
    }
    wanted = Math.min(atWork, QUEUE_BATCHES_MAX);
    long left = Math.min(lastWriteNanos / GATHER_SHARE, GATHER_NANOS_MAX);
    while (queue.size() < wanted && queuedBytes < GROUP_BYTES_MAX && !closed && left > 0) {
      try {
        left = work.awaitNanos(left);
      } catch (InterruptedException e) {
        left = 0; // nobody interrupts the writer; if so, it goes on
      }
    }
    if (queue.size() <= wanted / 2) {
      pause = GATHER_PAUSE_GROUPS;
    }
    wanted = 1;
  }

  private void breakDown(Failure failure, List<Pending> group) {
    lock.lock();
    try {
      broken = failure;
      group.addAll(queue);
      queue.clear();
      queuedBytes = 0;
      room.signalAll();
    } finally {
      lock.unlock();
    }
    group.forEach(pending -> pending.finish(failure));
  }

  private void joinWriter() {
    boolean interrupted = false;
    while (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** One batch and the task that waits for it. */
  static final class Pending {
    private static final int WAITING = 0;
    private static final int DONE = 1;

    private final List<Change> changes;
    private final long bytes;
    private final Thread task;
    private @Nullable Failure failure;
    private volatile int state = WAITING;

    private Pending(List<Change> changes, long bytes, Thread task) {
      this.changes = changes;
      this.bytes = bytes;
      this.task = task;
    }

    List<Change> changes() {
      return changes;
    }

    private void finish(@Nullable Failure outcome) {
      if (state == WAITING) {
        failure = outcome;
        state = DONE;
        LockSupport.unpark(task);
      }
    }

    private void await() {
      boolean interrupted = false;
      while (state == WAITING) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure != null) {
        throw failure.exception();
      }
    }
  }
}
