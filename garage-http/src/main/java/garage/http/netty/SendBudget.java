package garage.http.netty;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Promise;
import garage.common.error.GarageException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The buffers of responses that clients have not taken, over all connections, in bytes.
 *
 * <p>One half is for everybody; the other only for connections that hold nothing, each of which
 * takes a small piece. So clients that stop reading fill the first half with large pieces, and
 * those that read go on with small ones. When both are full, whoever needs a piece waits for one,
 * first come, first served: until clients take theirs, or are cut off because they do not.
 *
 * <p>Invariant: no more than {@code bytesMax} are held, except by one buffer larger than that.
 * Waiters are at most one for each connection. The lock is held only to count; waiters are woken
 * outside it.
 */
final class SendBudget {
  private record Waiter(long bytes, Promise<Boolean> turn) {}

  private final Clock clock;
  private final long bytesMax;
  private final Duration waitMax;
  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock.
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
  private long held;

  /** {@code waitMax} bounds the wait for a turn. */
  SendBudget(Clock clock, long bytesMax, Duration waitMax) {
    this.clock = clock;
    this.bytesMax = bytesMax;
    this.waitMax = waitMax;
  }

  /** Takes bytes if there is plenty of room; answers whether it did. */
  boolean takeIfPlenty(long bytes) {
    return takeWithin(bytes, bytesMax / 2);
  }

  /** Takes bytes if there is room and nobody waits for it; answers whether it did. */
  boolean takeNow(long bytes) {
    return takeWithin(bytes, bytesMax);
  }

  /**
   * Takes bytes for a connection that holds none, and waits its turn; answers false if that did not
   * come in time.
   *
   * @throws garage.common.error.GarageException.Cancelled if the task is cancelled meanwhile
   */
  boolean take(long bytes) {
    Waiter waiter = new Waiter(bytes, new Promise<>(clock));
    lock.lock();
    try {
      if (waiters.isEmpty() && fits(bytes, bytesMax)) {
        held += bytes;
        return true;
      }
      waiters.add(waiter);
    } finally {
      lock.unlock();
    }
    return awaitTurn(waiter);
  }

  void give(long bytes) {
    List<Waiter> served;
    lock.lock();
    try {
      held -= bytes;
      served = serve();
    } finally {
      lock.unlock();
    }
    served.forEach(waiter -> waiter.turn().complete(true));
  }

  long held() {
    lock.lock();
    try {
      return held;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeWithin(long bytes, long max) {
    lock.lock();
    try {
      boolean takes = waiters.isEmpty() && fits(bytes, max);
      held += takes ? bytes : 0;
      return takes;
    } finally {
      lock.unlock();
    }
  }

  private boolean fits(long bytes, long max) {
    return held == 0 || held + bytes <= max;
  }

  private boolean awaitTurn(Waiter waiter) {
    boolean served = false;
    try {
      waiter.turn().await(Deadline.after(clock, waitMax));
      served = true;
    } catch (GarageException.TimedOut e) {
      return false;
    } finally {
      if (!served) {
        leave(waiter);
      }
    }
    return true;
  }

  /** Gives up a turn, also one that has just come. */
  private void leave(Waiter waiter) {
    boolean waited;
    lock.lock();
    try {
      waited = waiters.remove(waiter);
    } finally {
      lock.unlock();
    }
    give(waited ? 0 : waiter.bytes()); // those behind may fit now
  }

  private List<Waiter> serve() {
    List<Waiter> served = new ArrayList<>();
    while (!waiters.isEmpty() && fits(waiters.element().bytes(), bytesMax)) {
      Waiter next = waiters.remove();
      held += next.bytes();
      served.add(next);
    }
    return served;
  }
}
