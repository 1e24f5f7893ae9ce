package garage.common.env;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A lock whose holders wait for what they name, as long as a {@link Clock} says: what components
 * build their queues and hand-overs from. A {@link ReentrantLock} and never a monitor, so that the
 * deterministic scheduler owns every hand-over (architecture §3).
 *
 * <p>Who changes something looks, for those who wait, whether what they wait for holds, and wakes
 * no others: most changes are nothing to most of them, and to wake a task costs far more. So what
 * is waited for is asked by other tasks too, always with the lock held.
 */
public final class Gate {
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Waiter> waiters = new ArrayList<>();

  /** One who waits. */
  private record Waiter(Condition woken, BooleanSupplier holds) {}

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

  /** Runs {@code body} under the lock and wakes everyone who waited for what holds now. */
  public void update(Runnable body) {
    lock.lock();
    try {
      body.run();
      signal();
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

  /** Wakes everyone who waited for what holds now; the lock must be held. */
  public void signal() {
    for (Waiter waiter : waiters) {
      if (waiter.holds.getAsBoolean()) {
        waiter.woken.signal();
      }
    }
  }

  /**
   * Waits, with the lock held, until {@code holds} or {@code deadline}; answers whether it holds.
   *
   * @throws garage.common.error.GarageException.Cancelled if the task is cancelled meanwhile
   */
  public boolean await(BooleanSupplier holds, Deadline deadline) {
    if (holds.getAsBoolean()) {
      return true;
    }
    Waiter waiter = waiter(holds);
    try {
      do {
        if (deadline.expired(clock)) {
          return false;
        }
        clock.await(waiter.woken, deadline);
      } while (!holds.getAsBoolean());
      return true;
    } finally {
      waiters.remove(waiter);
    }
  }

  /**
   * Waits, with the lock held, until {@code holds}, even if the task is cancelled meanwhile: for
   * the end of what cannot be taken back.
   */
  public void awaitThrough(BooleanSupplier holds) {
    if (holds.getAsBoolean()) {
      return;
    }
    Waiter waiter = waiter(holds);
    try {
      do {
        waiter.woken.awaitUninterruptibly();
      } while (!holds.getAsBoolean());
    } finally {
      waiters.remove(waiter);
    }
  }

  private Waiter waiter(BooleanSupplier holds) {
    Waiter waiter = new Waiter(lock.newCondition(), holds);
    waiters.add(waiter);
    return waiter;
  }
}
