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
 * busy node does not allocate and clear megabytes for each.
 */
public final class BlockMemory {
  /**
   * Kept for the next blocks. With 8 MiB, 64 uploads made a fresh array for nearly every block, and
   * a second of garbage collection in 25; with 32 MiB the heap was too full for everything else.
   */
  private static final long IDLE_BYTES_MAX = 16L << 20;

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
      return new BlockBuffer(this, array != null ? array : new byte[size(bytes)], bytes);
    } finally {
      gate.unlock();
    }
  }

  /** The bytes on loan. */
  public long lent() {
    return gate.locked(() -> lent);
  }

  void giveBack(byte[] array, int bytes, boolean reusable) {
    gate.update(() -> {
      lent -= bytes;
      if (reusable
          && array.length == blockBytes
          && (idle.size() + 1L) * blockBytes <= IDLE_BYTES_MAX) {
        idle.push(array);
      }
    });
  }

  private int size(int bytes) {
    return bytes > blockBytes / 2 ? blockBytes : bytes;
  }
}
