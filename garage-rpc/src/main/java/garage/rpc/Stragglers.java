package garage.rpc;

import java.util.concurrent.atomic.AtomicLong;

/** What calls hold together that go on although nobody waits for them any more. */
public final class Stragglers {
  /**
   * Beyond this they are cancelled, and what they did not do is left to repair. Of a heap of some
   * 100 MiB; blocks are not among them, which are counted where they came from.
   */
  static final long BYTES_MAX = 12L << 20;

  /** What a call weighs beside its attachment. */
  private static final long CALL_BYTES = 2048;

  private final AtomicLong bytes = new AtomicLong();

  /** Counts {@code calls} of {@code payload}; answers whether there is room for them. */
  boolean add(int calls, Payload<?> payload) {
    return bytes.addAndGet(calls * weight(payload)) <= BYTES_MAX;
  }

  /** One call of {@code payload} has ended. */
  void ended(Payload<?> payload) {
    bytes.addAndGet(-weight(payload));
  }

  private static long weight(Payload<?> payload) {
    return CALL_BYTES + payload.attachment().remaining();
  }
}
