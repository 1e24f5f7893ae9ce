package garage.http.netty;

import java.util.concurrent.atomic.AtomicLong;

/** Counts bytes that were received and not yet used, over all connections. */
final class ReceiveBudget {
  private final long bytesMax;
  private final AtomicLong held = new AtomicLong();

  ReceiveBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  void take(long bytes) {
    held.addAndGet(bytes);
  }

  void give(long bytes) {
    held.addAndGet(-bytes);
  }

  /** Whether bytes may be received that nobody waits for. */
  boolean allowsReadAhead() {
    return held.get() < bytesMax;
  }

  long held() {
    return held.get();
  }
}
