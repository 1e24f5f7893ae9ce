package garage.block;

import java.util.concurrent.atomic.AtomicInteger;

/** The memory of a block that is being written: given back when nobody sends from it any more. */
final class PutMemory implements AutoCloseable {
  private final BlockBuffer buffer;
  private final AtomicInteger holders = new AtomicInteger(1);

  /** Held by the caller, who closes this. */
  PutMemory(BlockBuffer buffer) {
    this.buffer = buffer;
  }

  /** Another holder, who closes this too. */
  PutMemory hold() {
    holders.incrementAndGet();
    return this;
  }

  @Override
  public void close() {
    if (holders.decrementAndGet() == 0) {
      buffer.close();
    }
  }
}
