package garage.common.env.system;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Page-aligned memory outside the heap, in which {@link StagedWriter} gathers the bytes of files.
 */
final class StagingBuffers {
  /** What direct I/O asks of offsets, lengths and memory, on any disk in use. */
  static final int PAGE_BYTES = 4096;

  /** A block of the default size with its head in one write. */
  static final int BUFFER_BYTES = (1 << 20) + PAGE_BYTES;

  /** Files written at a time: more would only wait for the same device. */
  private static final int LENT_MAX = 8;

  /** Kept for the next file: what a disk nobody writes to holds on to. */
  private static final int IDLE_MAX = 2;

  /** One buffer; {@code arena} frees it. */
  record Buffer(Arena arena, ByteBuffer bytes) {}

  private final Semaphore permits = new Semaphore(LENT_MAX);
  private final ConcurrentLinkedDeque<Buffer> idle = new ConcurrentLinkedDeque<>();
  private final AtomicInteger idleCount = new AtomicInteger();

  /** Waits for a buffer; every borrower gives it back soon, whatever happens. */
  Buffer take() {
    permits.acquireUninterruptibly();
    Buffer kept = idle.poll();
    if (kept != null) {
      idleCount.decrementAndGet();
      kept.bytes().clear();
      return kept;
    }
    boolean allocated = false;
    try {
      Arena arena = Arena.ofShared();
      Buffer fresh = new Buffer(arena, arena.allocate(BUFFER_BYTES, PAGE_BYTES).asByteBuffer());
      allocated = true;
      return fresh;
    } finally {
      if (!allocated) {
        permits.release();
      }
    }
  }

  void give(Buffer buffer) {
    if (idleCount.incrementAndGet() <= IDLE_MAX) {
      idle.push(buffer);
    } else {
      idleCount.decrementAndGet();
      buffer.arena().close();
    }
    permits.release();
  }
}
