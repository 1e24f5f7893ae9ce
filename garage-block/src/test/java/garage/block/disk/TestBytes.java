package garage.block.disk;

import garage.common.hash.Digests;
import garage.common.id.Hash;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Plain bytes of the kinds that matter, from a seed. */
public enum TestBytes {
  /** Nothing to gain for zstd. */
  RANDOM,
  /** Much to gain. */
  TEXT,
  /** Frames of both kinds, in turns of a random length. */
  MIXED,
  /** One value. */
  ZERO;

  /** {@code length} bytes of this kind. */
  public byte[] bytes(long seed, int length) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = new byte[length];
    switch (this) {
      case RANDOM -> random.nextBytes(bytes);
      case TEXT -> text(random, bytes, 0, length);
      case MIXED -> mixed(random, bytes);
      case ZERO -> Arrays.fill(bytes, (byte) 0);
    }
    return bytes;
  }

  private static void mixed(SplittableRandom random, byte[] bytes) {
    random.nextBytes(bytes);
    boolean text = random.nextBoolean();
    for (int at = 0; at < bytes.length; text = !text) {
      int end = Math.min(bytes.length, at + 1 + random.nextInt(3 * BlockHead.FRAME_BYTES));
      if (text) {
        text(random, bytes, at, end);
      }
      at = end;
    }
  }

  private static void text(SplittableRandom random, byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      bytes[i] = (byte) "the quick brown fox ".charAt((i + random.nextInt(3)) % 20);
    }
  }

  /** The address of bytes. */
  public static Hash hash(byte[] bytes) {
    return Digests.sha256(bytes);
  }
}
