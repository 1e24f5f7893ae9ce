package garage.testkit.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.env.Mailbox;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.env.Tasks.Task;
import garage.common.error.GarageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What every {@link Tasks} does. */
public abstract class TasksContract {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Runs {@code body} as a task, with a clock and the tasks that belong to it. */
  protected abstract void run(BiConsumer<Clock, Tasks> body);

  @Test
  void joinWaitsForTheEnd() {
    run((clock, tasks) -> {
      AtomicInteger state = new AtomicInteger();
      Promise<Boolean> release = new Promise<>(clock);
      Task task =
          tasks.start(
              "work",
              () -> {
                release.await(Deadline.NEVER);
                state.set(1);
              });
      assertFalse(task.isDone());
      release.complete(true);
      task.join();
      assertEquals(1, state.get());
      assertTrue(task.isDone());
      task.join();
    });
  }

  @Test
  void manyTasksShareALockAndLoseNothing() {
    run((clock, tasks) -> {
      ReentrantLock lock = new ReentrantLock();
      int[] count = new int[1];
      List<Task> all = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        all.add(tasks.start("adder", () -> add(clock, lock, count)));
      }
      all.forEach(Task::join);
      assertEquals(5_000, count[0]);
    });
  }

  private static void add(Clock clock, ReentrantLock lock, int[] count) {
    for (int i = 0; i < 100; i++) {
      lock.lock();
      try {
        count[0]++;
      } finally {
        lock.unlock();
      }
      clock.sleep(Duration.ZERO);
    }
  }

  @Test
  void failureEndsThatTaskAlone() {
    run((clock, tasks) -> {
      Promise<Boolean> survived = new Promise<>(clock);
      Task bad =
          tasks.start(
              "bad",
              () -> {
                throw new GarageException.Unreachable("on purpose");
              });
      tasks.start("good", () -> survived.complete(true));
      bad.join();
      assertTrue(bad.isDone());
      assertTrue(survived.await(Deadline.after(clock, LONG)));
    });
  }

  @Test
  void cancelEndsABlockedTask() {
    run((clock, tasks) -> {
      Promise<GarageException> failure = new Promise<>(clock);
      Mailbox<String> empty = new Mailbox<>(clock, 1);
      Task task =
          tasks.start(
              "taker",
              () -> failure.complete(ClockContract.failureOf(() -> empty.take(Deadline.NEVER))));
      task.cancel();
      task.join();
      assertInstanceOf(GarageException.Cancelled.class, failure.await(Deadline.after(clock, LONG)));
    });
  }

  @Test
  void cancelReachesATaskAtItsNextBlockingCall() {
    run((clock, tasks) -> {
      Promise<GarageException> failure = new Promise<>(clock);
      Gate gate = new Gate(clock);
      Runnable busy =
          () -> {
            gate.update(() -> {}); // waits for the lock, cancelled or not
            failure.complete(ClockContract.failureOf(() -> clock.sleep(LONG)));
          };
      gate.update(() -> tasks.start("busy", busy).cancel());
      assertInstanceOf(GarageException.Cancelled.class, failure.await(Deadline.after(clock, LONG)));
    });
  }

  @Test
  void cancelOfAFinishedTaskDoesNothing() {
    run((clock, tasks) -> {
      Task task = tasks.start("quick", () -> {});
      task.join();
      task.cancel();
      clock.sleep(Duration.ofMillis(1));
    });
  }

  @Test
  void cancelledCallerDoesNotWaitForAJoin() {
    run((clock, tasks) -> {
      Promise<Boolean> release = new Promise<>(clock);
      Promise<GarageException> failure = new Promise<>(clock);
      Task longOne = tasks.start("long", () -> release.await(Deadline.NEVER));
      Task joiner =
          tasks.start("joiner", () -> failure.complete(ClockContract.failureOf(longOne::join)));
      joiner.cancel();
      assertInstanceOf(GarageException.Cancelled.class, failure.await(Deadline.after(clock, LONG)));
      assertFalse(longOne.isDone());
      release.complete(true);
      longOne.join();
    });
  }
}
