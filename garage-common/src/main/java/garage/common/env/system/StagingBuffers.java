package garage.common.env.system;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/**
 * Page-aligned memory outside the heap, in which {@link StagedWriter} gathers the bytes of files. A
 * buffer once made is kept, for each block would pay for mapping, clearing and unmapping a fresh
 * one.
 */
final class StagingBuffers {
  /** What direct I/O asks of offsets, lengths and memory, on any disk in use. */
  static final int PAGE_BYTES = 4096;

  /** A block of the default size with its head in one write. */
  static final int BUFFER_BYTES = (1 << 20) + PAGE_BYTES;

  /** Files written at a time: more would only wait for the same device. */
  private static final int LENT_MAX = 8;

  private final Semaphore permits = new Semaphore(LENT_MAX);
  private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

  /** Waits for a buffer; every borrower gives it back soon, whatever happens. */
  ByteBuffer take() {
    permits.acquireUninterruptibly();
    boolean taken = false;
    try {
      ByteBuffer kept = idle.poll();
      ByteBuffer buffer =
          kept == null ? Arena.ofAuto().allocate(BUFFER_BYTES, PAGE_BYTES).asByteBuffer() : kept;
      taken = true;
      return buffer.clear();
    } finally {
      if (!taken) {
        permits.release();
      }
    }
  }

  void give(ByteBuffer buffer) {
    idle.push(buffer);
    permits.release();
  }
}
