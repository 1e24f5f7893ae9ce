package garage.block;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** Memory for one block, on loan from {@link BlockMemory}; used by one task at a time. */
public final class BlockBuffer implements AutoCloseable {
  private final BlockMemory memory;
  private final byte[] array;
  private final ByteBuffer bytes;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean shared;

  BlockBuffer(BlockMemory memory, byte[] array, int capacity) {
    this.memory = memory;
    this.array = array;
    this.bytes = ByteBuffer.wrap(array, 0, capacity).slice();
  }

  /** The memory: a heap buffer, at first empty and as large as was asked for. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** Notes that somebody may read the memory even after it was given back, so it is not reused. */
  void share() {
    shared = true;
  }

  /** Gives the memory back to the budget; once is enough. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      memory.giveBack(array, bytes.capacity(), !shared);
    }
  }
}
