package garage.testkit.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Mailbox;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.env.Tasks.Task;
import garage.common.error.GarageException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What every {@link Clock} does. */
public abstract class ClockContract {
  private static final Duration SHORT = Duration.ofMillis(5);
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Runs {@code body} as a task, with a clock and the tasks that belong to it. */
  protected abstract void run(BiConsumer<Clock, Tasks> body);

  @Test
  void wallTimeIsOfThisCentury() {
    run((clock, tasks) -> {
      assertTrue(clock.now().isAfter(Instant.parse("2025-01-01T00:00:00Z")));
      assertTrue(Math.abs(clock.now().toEpochMilli() - clock.wallMillis()) < 60_000);
    });
  }

  @Test
  void sleepLastsItsDurationOnBothClocks() {
    run((clock, tasks) -> {
      long nanos = clock.nanos();
      long millis = clock.wallMillis();
      clock.sleep(SHORT);
      assertTrue(clock.nanos() - nanos >= SHORT.toNanos());
      assertTrue(clock.wallMillis() - millis >= SHORT.toMillis() - 1);
    });
  }

  @Test
  void sleepOfNothingReturns() {
    run((clock, tasks) -> {
      clock.sleep(Duration.ZERO);
      clock.sleep(Duration.ofSeconds(-1));
    });
  }

  @Test
  void cancelledSleepThrowsAndSoDoesTheNext() {
    run((clock, tasks) -> {
      Promise<GarageException> first = new Promise<>(clock);
      Promise<GarageException> second = new Promise<>(clock);
      Task sleeper =
          tasks.start(
              "sleeper",
              () -> {
                first.complete(failureOf(() -> clock.sleep(LONG)));
                second.complete(failureOf(() -> clock.sleep(SHORT)));
              });
      sleeper.cancel();
      Deadline soon = Deadline.after(clock, LONG);
      assertInstanceOf(GarageException.Cancelled.class, first.await(soon));
      assertInstanceOf(GarageException.Cancelled.class, second.await(soon));
    });
  }

  static GarageException failureOf(Runnable action) {
    try {
      action.run();
      return new GarageException.Internal("nothing was thrown");
    } catch (GarageException e) {
      return e;
    }
  }

  @Test
  void waitEndsAtItsDeadlineWithoutASignal() {
    run((clock, tasks) -> {
      ReentrantLock lock = new ReentrantLock();
      Condition never = lock.newCondition();
      lock.lock();
      try {
        Deadline deadline = Deadline.after(clock, SHORT);
        while (!deadline.expired(clock)) {
          clock.await(never, deadline);
          assertTrue(lock.isHeldByCurrentThread());
        }
        clock.await(never, deadline);
      } finally {
        lock.unlock();
      }
    });
  }

  @Test
  void waitEndsWithASignalBeforeItsDeadline() {
    run((clock, tasks) -> {
      for (Deadline deadline : new Deadline[] {Deadline.NEVER, Deadline.after(clock, LONG)}) {
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();
        AtomicInteger state = new AtomicInteger();
        lock.lock();
        try {
          tasks.start("signaller", () -> signal(lock, condition, state));
          while (state.get() == 0) {
            clock.await(condition, deadline);
          }
          assertFalse(deadline.expired(clock));
        } finally {
          lock.unlock();
        }
      }
    });
  }

  private static void signal(ReentrantLock lock, Condition condition, AtomicInteger state) {
    lock.lock();
    try {
      state.set(1);
      condition.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Test
  void cancelledWaitThrowsWithItsLockHeld() {
    run((clock, tasks) -> {
      Promise<Boolean> held = new Promise<>(clock);
      ReentrantLock lock = new ReentrantLock();
      Condition never = lock.newCondition();
      Task waiter =
          tasks.start(
              "waiter",
              () -> {
                lock.lock();
                try {
                  while (true) {
                    clock.await(never, Deadline.after(clock, LONG));
                  }
                } finally {
                  held.complete(lock.isHeldByCurrentThread());
                  lock.unlock();
                }
              });
      waiter.cancel();
      assertTrue(held.await(Deadline.after(clock, LONG)));
    });
  }

  @Test
  void timerRunsOnceAndNotTooSoon() {
    run((clock, tasks) -> {
      Mailbox<Long> runs = new Mailbox<>(clock, 10);
      long start = clock.nanos();
      clock.schedule(SHORT, () -> runs.offer(clock.nanos()));
      Long at = runs.take(Deadline.after(clock, LONG));
      assertTrue(at != null && at - start >= SHORT.toNanos());
      assertEquals(null, runs.take(Deadline.after(clock, SHORT)));
    });
  }

  @Test
  void timersActionMayBlockWhileAnotherRuns() {
    run((clock, tasks) -> {
      Promise<Boolean> release = new Promise<>(clock);
      Promise<Boolean> done = new Promise<>(clock);
      Deadline soon = Deadline.after(clock, LONG);
      clock.schedule(SHORT, () -> done.complete(release.await(soon)));
      clock.schedule(SHORT.multipliedBy(2), () -> release.complete(true));
      assertTrue(done.await(soon));
    });
  }

  @Test
  void cancelledTimerNeverRuns() {
    run((clock, tasks) -> {
      Duration delay = SHORT.multipliedBy(4);
      boolean inTime = false;
      while (!inTime) {
        AtomicInteger runs = new AtomicInteger();
        long start = clock.nanos();
        Clock.Timer timer = clock.schedule(delay, runs::incrementAndGet);
        timer.cancel();
        timer.cancel();
        inTime = clock.nanos() - start < delay.toNanos(); // a slow machine tries again
        clock.sleep(delay.multipliedBy(2));
        assertEquals(0, inTime ? runs.get() : 0);
      }
    });
  }
}
