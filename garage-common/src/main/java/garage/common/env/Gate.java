package garage.common.env;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A lock with one condition, whose waits obey a {@link Clock}: what components build their queues
 * and hand-overs from. A {@link ReentrantLock} and never a monitor, so that the deterministic
 * scheduler owns every hand-over (architecture §3).
 */
public final class Gate {
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  public Gate(Clock clock) {
    this.clock = clock;
  }

  /** Runs {@code body} under the lock. */
  public <T> T locked(Supplier<T> body) {
    lock.lock();
    try {
      return body.get();
    } finally {
      lock.unlock();
    }
  }

  /** Runs {@code body} under the lock and wakes everyone who waits. */
  public void update(Runnable body) {
    lock.lock();
    try {
      body.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the lock; for code that cannot be a lambda. */
  public void lock() {
    lock.lock();
  }

  /** Releases the lock. */
  public void unlock() {
    lock.unlock();
  }

  /** Wakes everyone who waits; the lock must be held. */
  public void signal() {
    changed.signalAll();
  }

  /**
   * Waits, with the lock held, until {@code holds} or {@code deadline}; answers whether it holds.
   *
   * @throws garage.common.error.GarageException.Cancelled if the task is cancelled meanwhile
   */
  public boolean await(BooleanSupplier holds, Deadline deadline) {
    while (!holds.getAsBoolean()) {
      if (deadline.expired(clock)) {
        return false;
      }
      clock.await(changed, deadline);
    }
    return true;
  }

  /**
   * Waits, with the lock held, until {@code holds}, even if the task is cancelled meanwhile: for
   * the end of what cannot be taken back.
   */
  public void awaitThrough(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      changed.awaitUninterruptibly();
    }
  }
}
