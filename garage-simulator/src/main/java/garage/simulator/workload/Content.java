package garage.simulator.workload;

import garage.common.hash.Digests;
import garage.simulator.cluster.ClusterSettings;
import garage.testkit.env.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes that a number determines. Some of their blocks are the same as those of other contents, so
 * that blocks have several references.
 */
final class Content {
  /** Different blocks that contents share. */
  private static final int SHARED_BLOCKS = 6;

  /** Contents with this number or a greater one are such that compression makes them smaller. */
  static final int COMPRESSIBLE_FROM = 1_000_000;

  private static final int REPEATED_BYTES = 32;

  private final byte[] bytes;
  private final String md5;

  /** Where each of its blocks ends. */
  private final List<Integer> cuts = new ArrayList<>();

  Content(int number, int size) {
    this.bytes = number < COMPRESSIBLE_FROM ? random(number, size) : repeated(number, size);
    this.md5 = md5(bytes);
    for (int from = 0; from < size; from += ClusterSettings.BLOCK_BYTES) {
      cuts.add(Math.min(size, from + ClusterSettings.BLOCK_BYTES));
    }
  }

  /** A copy of the bytes {@code [from, to)} of another, which has its blocks as they are cut. */
  Content(Content whole, int from, int to) {
    this.bytes = Arrays.copyOfRange(whole.bytes, from, to);
    this.md5 = md5(bytes);
    whole.cuts.stream().filter(cut -> cut > from && cut < to).forEach(cut -> cuts.add(cut - from));
    cuts.add(bytes.length);
  }

  /** What an upload of these parts becomes, each of which is cut into blocks apart. */
  Content(List<Content> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Content part : parts) {
      part.cuts.forEach(cut -> cuts.add(all.size() + cut));
      all.writeBytes(part.bytes);
    }
    this.bytes = all.toByteArray();
    this.md5 = md5(bytes);
  }

  private static byte[] repeated(int number, int size) {
    byte[] pattern = new SeededRandom(number).bytes(REPEATED_BYTES);
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = pattern[i % REPEATED_BYTES];
    }
    return bytes;
  }

  private static byte[] random(int number, int size) {
    byte[] bytes = new byte[size];
    for (int from = 0; from < size; from += ClusterSettings.BLOCK_BYTES) {
      int length = Math.min(ClusterSettings.BLOCK_BYTES, size - from);
      SeededRandom random = new SeededRandom(SeededRandom.mix(number * 1_000_003L + from));
      boolean shared = length == ClusterSettings.BLOCK_BYTES && random.chance(0.4);
      SeededRandom source =
          shared ? new SeededRandom(random.nextInt(SHARED_BLOCKS) - 1_000L) : random;
      System.arraycopy(source.bytes(length), 0, bytes, from, length);
    }
    return bytes;
  }

  /** Whether one of its blocks has this SHA-256. */
  boolean hasBlock(String hash) {
    int from = 0;
    for (int to : cuts) {
      byte[] block = Arrays.copyOfRange(bytes, from, to);
      if (HexFormat.of().formatHex(Digests.sha256().digest(block)).equals(hash)) {
        return true;
      }
      from = to;
    }
    return false;
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
