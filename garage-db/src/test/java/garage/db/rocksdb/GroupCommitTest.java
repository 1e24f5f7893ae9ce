package garage.db.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.db.Batch.Change;
import garage.db.CommitStatistics;
import garage.db.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The grouping itself, on a log whose writes the test lets through one by one. */
class GroupCommitTest {
  private static final long MIB = 1L << 20;

  private final HeldLog log = new HeldLog();
  private final GroupCommit commits = new GroupCommit(log);

  @AfterEach
  void close() {
    log.permits.release(1_000_000);
    commits.close();
  }

  @Test
  void batchesThatArriveDuringASyncShareTheNextOne() {
    Committer first = committer(1);
    await(() -> log.entered == 1);
    List<Committer> others = committers(63, 1);
    await(() -> commits.queued() == 63);
    assertTrue(others.stream().allMatch(Committer::isWaiting), "nothing is acknowledged yet");
    log.permits.release(1);
    first.join();
    assertTrue(others.stream().allMatch(Committer::isWaiting), "their sync has not ended");
    log.permits.release(1);
    others.forEach(Committer::join);
    assertEquals(List.of(1, 63), List.copyOf(log.groups));
    assertEquals(new CommitStatistics(64, 2, 2), commits.statistics());
  }

  @Test
  void aFailedWriteFailsItsWholeGroupAndNoOther() {
    Committer first = committer(1);
    await(() -> log.entered == 1);
    List<Committer> failing = committers(3, 1);
    await(() -> commits.queued() == 3);
    log.permits.release(1);
    await(() -> log.entered == 2);
    log.failure = new GarageException.StorageFull("no space");
    Committer later = committer(1);
    await(() -> commits.queued() == 1);
    log.permits.release(1);
    failing.forEach(
        c -> assertInstanceOf(GarageException.StorageFull.class, c.joined(), "not acknowledged"));
    await(() -> log.entered == 3);
    log.failure = null;
    log.permits.release(1);
    later.join();
    first.join();
    assertEquals(new CommitStatistics(2, 2, 2), commits.statistics());
  }

  @Test
  void theQueueHoldsAsManyBatchesAsItsLimit() {
    Committer first = committer(1);
    await(() -> log.entered == 1);
    List<Committer> others = committers(GroupCommit.QUEUE_BATCHES_MAX + 50, 1);
    await(() -> commits.queued() == GroupCommit.QUEUE_BATCHES_MAX);
    await(() -> others.stream().allMatch(Committer::isParked));
    assertEquals(GroupCommit.QUEUE_BATCHES_MAX, commits.queued());
    log.permits.release(100);
    first.join();
    others.forEach(Committer::join);
    assertTrue(log.groups.stream().allMatch(size -> size <= GroupCommit.QUEUE_BATCHES_MAX));
    assertEquals(GroupCommit.QUEUE_BATCHES_MAX + 51, commits.statistics().batches());
  }

  @Test
  void theQueueHoldsAsManyBytesAsItsLimit() {
    Committer first = committer(1);
    await(() -> log.entered == 1);
    List<Committer> others = committers(40, MIB);
    long fit = GroupCommit.QUEUE_BYTES_MAX / MIB;
    await(() -> commits.queued() == fit);
    await(() -> others.stream().allMatch(Committer::isParked));
    assertEquals(fit, commits.queued());
    log.permits.release(100);
    first.join();
    others.forEach(Committer::join);
    long largest = GroupCommit.GROUP_BYTES_MAX / MIB;
    assertTrue(log.groups.stream().allMatch(size -> size <= largest), log.groups.toString());
  }

  @Test
  void aBatchLargerThanTheLimitsIsWrittenAlone() {
    Committer first = committer(1);
    await(() -> log.entered == 1);
    Committer small = committer(1);
    await(() -> commits.queued() == 1);
    Committer large = committer(3 * GroupCommit.QUEUE_BYTES_MAX);
    await(() -> commits.queued() == 2);
    Committer next = committer(1);
    await(next::isParked);
    assertEquals(2, commits.queued(), "no room beside it");
    log.permits.release(100);
    List.of(first, small, large, next).forEach(Committer::join);
    assertEquals(List.of(1, 1, 1, 1), List.copyOf(log.groups));
  }

  @Test
  void aTaskCancelledWhileItWaitsForRoomIsNotWritten() {
    Committer first = committer(1);
    await(() -> log.entered == 1);
    Committer filling = committer(GroupCommit.QUEUE_BYTES_MAX);
    await(() -> commits.queued() == 1);
    Committer cancelled = committer(1);
    await(cancelled::isParked);
    cancelled.thread.interrupt();
    assertInstanceOf(GarageException.Cancelled.class, cancelled.joined());
    assertTrue(cancelled.interruptedAfter, "the task stays cancelled");
    log.permits.release(100);
    List.of(first, filling).forEach(Committer::join);
    assertEquals(2, commits.statistics().batches());
  }

  @Test
  void aTaskCancelledDuringItsSyncLearnsTheOutcome() {
    Committer committer = committer(1);
    await(() -> log.entered == 1);
    committer.thread.interrupt();
    assertTrue(committer.isWaiting());
    log.permits.release(1);
    committer.join();
    assertTrue(committer.interruptedAfter, "the task stays cancelled");
  }

  @Test
  void closingWritesWhatWasAcceptedAndRefusesTheRest() throws InterruptedException {
    List<Committer> accepted = new ArrayList<>();
    accepted.add(committer(1));
    await(() -> log.entered == 1);
    accepted.addAll(committers(5, 1));
    await(() -> commits.queued() == 5);
    Thread closing = Thread.ofVirtual().start(commits::close);
    await(() -> closing.getState() == Thread.State.WAITING);
    assertThrows(GarageException.StorageFailed.class, () -> commits.commit(List.of(), 0));
    log.permits.release(100);
    closing.join();
    accepted.forEach(Committer::join);
    assertEquals(6, commits.statistics().batches());
  }

  @Test
  void aWriterThatDiesFailsEveryoneFromThenOn() {
    Committer first = committer(1);
    await(() -> log.entered == 1);
    Committer queued = committer(1);
    await(() -> commits.queued() == 1);
    log.bug = true;
    log.permits.release(1);
    assertInstanceOf(GarageException.StorageFailed.class, first.joined());
    assertInstanceOf(GarageException.StorageFailed.class, queued.joined());
    assertThrows(GarageException.StorageFailed.class, () -> commits.commit(List.of(), 0));
  }

  private List<Committer> committers(int count, long bytes) {
    List<Committer> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(committer(bytes));
    }
    return started;
  }

  private Committer committer(long bytes) {
    return new Committer(commits, bytes);
  }

  private static void await(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  /** A task that commits one batch of a claimed size. */
  private static final class Committer {
    private static final Tree TREE = () -> "tree";

    private final Thread thread;
    private volatile @Nullable GarageException thrown;
    private volatile boolean interruptedAfter;

    Committer(GroupCommit commits, long bytes) {
      List<Change> changes = List.of(new Change.Delete(TREE, new byte[0]));
      thread = Thread.ofVirtual().unstarted(() -> commit(commits, changes, bytes));
      thread.start();
    }

    private void commit(GroupCommit commits, List<Change> changes, long bytes) {
      try {
        commits.commit(changes, bytes);
      } catch (GarageException e) {
        thrown = e;
      }
      interruptedAfter = Thread.currentThread().isInterrupted();
    }

    boolean isWaiting() {
      return thread.isAlive();
    }

    boolean isParked() {
      return thread.getState() == Thread.State.WAITING;
    }

    @Nullable GarageException joined() {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return thrown;
    }

    void join() {
      assertNull(joined(), "the batch was acknowledged");
    }
  }

  /** Each write waits for a permit, then does as told. */
  private static final class HeldLog implements GroupCommit.Log {
    private final Semaphore permits = new Semaphore(0);
    private final ConcurrentLinkedQueue<Integer> groups = new ConcurrentLinkedQueue<>();
    private volatile int entered;
    private volatile @Nullable GarageException failure;
    private volatile boolean bug;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the writer's thread alone
    public int write(List<GroupCommit.Pending> group) {
      entered++;
      permits.acquireUninterruptibly();
      if (bug) {
        throw new IllegalStateException("a bug");
      }
      GarageException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      groups.add(group.size());
      return 1;
    }
  }
}
