package garage.testkit.env;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/**
 * The clocks of one life of a node, over virtual time. Monotonic time has another origin in every
 * life, negative ones included, so that a value carried to another node or over a restart shows.
 *
 * <p>A wait for a condition ends in time by interrupting the waiting thread: it is the one way to
 * wake it without its lock. The task knows whether it was cancelled, so the two are told apart.
 */
final class SimClock implements Clock {
  private final Incarnation incarnation;
  private final Scheduler scheduler;
  private final WallClock wall;
  private final long origin;

  SimClock(Incarnation incarnation, WallClock wall, long origin) {
    this.incarnation = incarnation;
    this.scheduler = incarnation.scheduler();
    this.wall = wall;
    this.origin = origin;
  }

  @Override
  public long wallMillis() {
    incarnation.enter();
    return wall.millis();
  }

  @Override
  public long nanos() {
    incarnation.enter();
    return scheduler.now() + origin;
  }

  @Override
  public void sleep(Duration duration) {
    incarnation.enter();
    long end = scheduler.time() + Math.max(0, TimeUnit.NANOSECONDS.convert(duration));
    scheduler.await(new WaitQueue(), () -> false, end < 0 ? Scheduler.NEVER : end);
    incarnation.enter();
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // the loop around the wait is the caller's
  public void await(Condition condition, Deadline deadline) {
    incarnation.enter();
    SimTask me = scheduler.current();
    Scheduler.checkCancelled(me);
    long end = time(deadline);
    SimTimer timer = end == Scheduler.NEVER ? null : scheduler.at(end, me::interrupt);
    try {
      condition.await();
    } catch (InterruptedException e) {
      scheduler.trace("timeout", me.name());
    } finally {
      scheduler.cancel(timer);
    }
    var _ = Thread.interrupted(); // the timer's, perhaps just after the signal
    scheduler.checkNotReaping();
    Scheduler.checkCancelled(me);
    incarnation.enter();
  }

  @Override
  public Timer schedule(Duration delay, Runnable action) {
    incarnation.enter();
    SimTimer timer =
        scheduler.after(
            Math.max(0, TimeUnit.NANOSECONDS.convert(delay)),
            () -> {
              if (!incarnation.isDead()) {
                incarnation.start("timer", action);
              }
            });
    return () -> scheduler.cancel(timer);
  }

  /** A deadline of this clock in the scheduler's time. */
  long time(Deadline deadline) {
    return deadline.equals(Deadline.NEVER) ? Scheduler.NEVER : deadline.nanos() - origin;
  }
}
