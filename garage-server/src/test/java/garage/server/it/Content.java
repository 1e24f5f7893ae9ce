package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.Random;

/** Bytes that are told by a seed and a size. */
record Content(long seed, int size) {
  byte[] bytes() {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Fails without printing megabytes. */
  static void assertSame(byte[] expected, byte[] actual, String what) {
    assertEquals(expected.length, actual.length, "length of " + what);
    int at = Arrays.mismatch(expected, actual);
    if (at >= 0) {
      fail(what + " differs from byte " + at);
    }
  }
}
