package garage.common.env.system;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine's clocks. Timers are kept by one daemon platform thread, which only starts a virtual
 * thread for each action: a slow action delays no other.
 */
public final class SystemClock implements Clock {
  /**
   * Pending timers: far more than the requests one node serves at a time; each takes ~150 bytes.
   */
  static final int TIMERS_MAX = 1_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(SystemClock.class);

  private final ScheduledThreadPoolExecutor timers;

  public SystemClock() {
    timers =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("garage-timer").daemon(true).factory());
    timers.setRemoveOnCancelPolicy(true);
  }

  @Override
  public long wallMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public ZoneId zone() {
    return ZoneId.systemDefault();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      throw Interrupts.cancelled();
    }
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // the loop around the wait is the caller's
  public void await(Condition condition, Deadline deadline) {
    try {
      if (deadline.equals(Deadline.NEVER)) {
        condition.await();
      } else {
        // What is left does not matter: the caller looks at the deadline again.
        var _ = condition.awaitNanos(deadline.remaining(this).toNanos());
      }
    } catch (InterruptedException e) {
      throw Interrupts.cancelled();
    }
  }

  @Override
  public Timer schedule(Duration delay, Runnable action) {
    if (timers.getQueue().size() >= TIMERS_MAX) {
      throw new GarageException.Overloaded("too many timers");
    }
    Future<?> pending =
        timers.schedule(
            () -> Thread.ofVirtual().name("timer").start(() -> run(action)),
            TimeUnit.NANOSECONDS.convert(delay),
            TimeUnit.NANOSECONDS);
    return () -> pending.cancel(false);
  }

  @SuppressWarnings("CatchingUnchecked") // the top frame of a thread
  private static void run(Runnable action) {
    try {
      action.run();
    } catch (Throwable e) {
      LOG.error("a timer's action failed", e);
    }
  }
}
