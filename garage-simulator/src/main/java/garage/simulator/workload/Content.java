package garage.simulator.workload;

import garage.common.hash.Digests;
import garage.simulator.cluster.ClusterSettings;
import garage.testkit.env.SeededRandom;
import java.util.HexFormat;

/**
 * Bytes that a number determines. Some of their blocks are the same as those of other contents, so
 * that blocks have several references.
 */
final class Content {
  /** Different blocks that contents share. */
  private static final int SHARED_BLOCKS = 6;

  private final byte[] bytes;
  private final String md5;

  Content(int number, int size) {
    this.bytes = new byte[size];
    for (int from = 0; from < size; from += ClusterSettings.BLOCK_BYTES) {
      int length = Math.min(ClusterSettings.BLOCK_BYTES, size - from);
      SeededRandom random = new SeededRandom(SeededRandom.mix(number * 1_000_003L + from));
      boolean shared = length == ClusterSettings.BLOCK_BYTES && random.chance(0.4);
      SeededRandom source =
          shared ? new SeededRandom(random.nextInt(SHARED_BLOCKS) - 1_000L) : random;
      System.arraycopy(source.bytes(length), 0, bytes, from, length);
    }
    this.md5 = md5(bytes);
  }

  byte[] bytes() {
    return bytes;
  }

  String md5() {
    return md5;
  }

  static String md5(byte[] bytes) {
    return HexFormat.of().formatHex(Digests.md5().digest(bytes));
  }
}
