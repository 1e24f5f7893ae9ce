package garage.s3api.object;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The budget of memory for bodies that are in memory whole: objects kept with their metadata, on
 * their way in or out. Each is there two or three times, as itself, in its row and in the batch of
 * that, which the budget's size allows for.
 */
public final class SmallBodies {
  /** 128 bodies of 64 KiB: more uploads at once gain nothing, since their commits are grouped. */
  private static final long BYTES_MAX = 8L << 20;

  private final Gate gate;
  private final long bytesMax;
  private long lent;

  public SmallBodies(Clock clock) {
    this(clock, BYTES_MAX);
  }

  SmallBodies(Clock clock, long bytesMax) {
    this.gate = new Gate(clock);
    this.bytesMax = bytesMax;
  }

  /**
   * Takes room for {@code bytes}, waiting while the budget is used up; a body larger than the whole
   * budget is let through alone.
   *
   * @throws GarageException.Overloaded at {@code deadline}
   */
  Lease take(int bytes, Deadline deadline) {
    gate.lock();
    try {
      if (!gate.await(() -> lent == 0 || lent + bytes <= bytesMax, deadline)) {
        throw new GarageException.Overloaded("all memory for small objects is in use");
      }
      lent += bytes;
      return new Lease(bytes);
    } finally {
      gate.unlock();
    }
  }

  /** The bytes on loan. */
  long lent() {
    return gate.locked(() -> lent);
  }

  /** Some of the budget; closing it more than once does no harm. */
  final class Lease implements AutoCloseable {
    private final AtomicInteger held;

    private Lease(int bytes) {
      this.held = new AtomicInteger(bytes);
    }

    /** Gives back all but {@code bytes}. */
    void shrinkTo(int bytes) {
      int before = held.getAndUpdate(present -> Math.min(present, bytes));
      giveBack(Math.max(0, before - bytes));
    }

    @Override
    public void close() {
      giveBack(held.getAndSet(0));
    }

    private void giveBack(int bytes) {
      if (bytes > 0) {
        gate.update(() -> lent -= bytes);
      }
    }
  }
}
