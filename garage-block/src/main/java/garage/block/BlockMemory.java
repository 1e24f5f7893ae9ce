package garage.block;

import garage.common.check.Invariant;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The budget of memory for blocks on their way. Arrays of a whole block are used again, so that a
 * busy node does not allocate and clear megabytes for each; they are part of the budget too.
 */
public final class BlockMemory {
  /**
   * Kept for the next blocks, within the budget. With 16 MiB, 16 uploads made a fresh array for
   * most blocks, and garbage collection took 6 % of their cost.
   */
  private static final long IDLE_BYTES_MAX = 40L << 20;

  private final Gate gate;
  private final int blockBytes;
  private final long bytesMax;
  private final Deque<byte[]> idle = new ArrayDeque<>();
  private long lent;

  /**
   * A budget of {@code bytesMax} for blocks of up to {@code blockBytes}.
   *
   * @param bytesMax at least one block
   */
  public BlockMemory(Clock clock, int blockBytes, long bytesMax) {
    Invariant.check(blockBytes > 0 && blockBytes <= bytesMax, "a block fits the budget");
    this.gate = new Gate(clock);
    this.blockBytes = blockBytes;
    this.bytesMax = bytesMax;
  }

  /**
   * Takes memory, waiting while the budget is used up.
   *
   * @throws GarageException.Overloaded at {@code deadline}
   */
  public BlockBuffer take(int bytes, Deadline deadline) {
    Invariant.check(bytes > 0 && bytes <= blockBytes, "a buffer for at most a block", bytes);
    gate.lock();
    try {
      if (!gate.await(() -> lent + bytes <= bytesMax, deadline)) {
        throw new GarageException.Overloaded("all memory for blocks is in use");
      }
      lent += bytes;
      byte[] array = bytes > blockBytes / 2 ? idle.poll() : null;
      while (!idle.isEmpty() && !fits(idle.size())) {
        idle.pollLast();
      }
      return new BlockBuffer(this, array != null ? array : new byte[size(bytes)], bytes);
    } finally {
      gate.unlock();
    }
  }

  /** The bytes on loan. */
  public long lent() {
    return gate.locked(() -> lent);
  }

  /** The bytes of the budget that are not on loan. */
  public long free() {
    return bytesMax - lent();
  }

  /** The bytes lent, and those kept for the next blocks. */
  long held() {
    return gate.locked(() -> lent + (long) idle.size() * blockBytes);
  }

  void giveBack(byte[] array, int bytes, boolean reusable) {
    gate.update(() -> {
      lent -= bytes;
      if (reusable && array.length == blockBytes && fits(idle.size() + 1)) {
        idle.push(array);
      }
    });
  }

  /** Whether so many arrays may be kept beside what is lent. */
  private boolean fits(int arrays) {
    long bytes = (long) arrays * blockBytes;
    return bytes <= IDLE_BYTES_MAX && lent + bytes <= bytesMax;
  }

  private int size(int bytes) {
    return bytes > blockBytes / 2 ? blockBytes : bytes;
  }
}
