package garage.rpc.wire;

import garage.common.error.GarageException;
import garage.rpc.Priority;

/** The receiving side of credit: what the peer's long messages hold here, by priority. */
final class Allowance {
  private final long[] heldBytes = new long[Frame.PRIORITIES.size()];

  /**
   * Counts a message of {@code length} bytes that begins; answers the credit it took.
   *
   * @throws GarageException.Corrupt if the peer had no credit for it
   */
  int take(Priority priority, int length) {
    if (length <= WireLimits.CHUNK_BYTES) {
      return 0;
    }
    long held = heldBytes[Frame.number(priority)] + length;
    if (held > WireLimits.CREDIT_BYTES && held > length) { // one alone may be longer
      throw new GarageException.Corrupt("a message without credit");
    }
    heldBytes[Frame.number(priority)] = held;
    return length;
  }

  /** The message that took {@code bytes} is gone. */
  void release(Priority priority, int bytes) {
    heldBytes[Frame.number(priority)] -= bytes;
  }
}
