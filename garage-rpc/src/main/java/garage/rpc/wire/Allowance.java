package garage.rpc.wire;

import garage.common.error.GarageException;
import garage.rpc.Priority;
import java.util.Arrays;

/** The receiving side of credit: what the peer's long messages hold here, by priority. */
final class Allowance {
  private final long[] heldBytes = new long[Frame.PRIORITIES.size()];
  private final long[] limitBytes = new long[Frame.PRIORITIES.size()];

  /** {@code firstCredit}: what the peer begins with, of each priority. */
  Allowance(int firstCredit) {
    Arrays.fill(limitBytes, firstCredit);
  }

  /** The peer has been lent more. */
  void raise(Priority priority, int bytes) {
    limitBytes[Frame.number(priority)] += bytes;
  }

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
    if (held > limitBytes[Frame.number(priority)] && held > length) { // one alone may be longer
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
