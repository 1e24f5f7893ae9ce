package garage.benchmarks.load;

import garage.common.hash.Digests;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;

/**
 * What objects contain, made so that a client's work is cheap: all bodies share their bytes, but
 * for a stamp at the end of each block. The hash of a body of one block then continues from a state
 * that is kept, and its CRC follows from the stamp's, as CRCs are linear. Bodies of several blocks
 * are hashed ahead of the measurement ({@link #hashAhead}). Safe for any number of threads.
 */
final class Content {
  /** A server's block or less. */
  static final int BLOCK_BYTES = 1 << 20;

  static final int STAMP_BYTES = 64;

  private static final int HASHED_MAX = 10_000;

  private final byte[] base;
  private final long seed;
  private final Map<Integer, Prefix> prefixes = new ConcurrentHashMap<>();
  private final Map<Long, Sums> ahead = new ConcurrentHashMap<>();

  /** The values a request states about its body. */
  record Sums(String sha256, String crc32) {}

  /** What is known of a body of one block before its stamp. */
  private record Prefix(MessageDigest sha256, long crcWithoutStamp) {}

  Content(int largestBytes, boolean compressible, long seed) {
    this.seed = seed;
    this.base = new byte[largestBytes];
    SplittableRandom random = new SplittableRandom(seed);
    if (compressible) {
      fillRows(random);
    } else {
      random.nextBytes(base);
    }
  }

  /** Rows as a table of measurements has them: about a quarter of the size when compressed. */
  private void fillRows(SplittableRandom random) {
    ByteBuffer out = ByteBuffer.wrap(base);
    for (long row = 0; out.hasRemaining(); row++) {
      String text =
          "2026-01-01T00:%02d:%02d,station-%03d,temperature,%.2f,ok%n"
              .formatted(row / 60 % 60, row % 60, random.nextInt(1000), random.nextDouble(100));
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      out.put(bytes, 0, Math.min(bytes.length, out.remaining()));
    }
  }

  /** A body; its length is at most a block, or whole blocks. */
  Body body(int length, long number) {
    boolean oneBlock = length >= STAMP_BYTES && length <= BLOCK_BYTES;
    boolean blocks = length > 0 && length % BLOCK_BYTES == 0;
    if ((!oneBlock && !blocks) || length > base.length) {
      throw new IllegalArgumentException("no body of " + length + " bytes");
    }
    return new Body(this, length, number);
  }

  byte[] base() {
    return base;
  }

  /** The bytes at {@code position} that only the body of this number has. */
  byte[] stamp(long number, int position) {
    ByteBuffer stamp = ByteBuffer.allocate(STAMP_BYTES);
    long state = mix(seed + number) + position;
    while (stamp.hasRemaining()) {
      state += 0x9e3779b97f4a7c15L;
      stamp.putLong(mix(state));
    }
    return stamp.array();
  }

  /** A bijection that spreads neighbours, from SplitMix64. */
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  Sums sums(Body body) {
    if (body.length() > BLOCK_BYTES) {
      Sums known = ahead.remove(body.number());
      return known != null ? known : sumsOfAll(body);
    }
    Prefix prefix = prefixes.computeIfAbsent(body.length(), this::prefix);
    byte[] stamp = stamp(body.number(), body.length() - STAMP_BYTES);
    MessageDigest sha256 = copyOf(prefix.sha256());
    long crc = prefix.crcWithoutStamp() ^ crc32(stamp) ^ crc32(new byte[STAMP_BYTES]);
    return sums(sha256.digest(stamp), crc);
  }

  /** Hashes bodies of several blocks before they are measured. */
  void hashAhead(int length, long firstNumber, int count) {
    for (int i = 0; i < count && ahead.size() < HASHED_MAX; i++) {
      Body body = body(length, firstNumber + i);
      ahead.computeIfAbsent(body.number(), n -> sumsOfAll(body));
    }
  }

  private Prefix prefix(int length) {
    MessageDigest sha256 = Digests.sha256();
    sha256.update(base, 0, length - STAMP_BYTES);
    CRC32 crc = new CRC32();
    crc.update(base, 0, length - STAMP_BYTES);
    crc.update(new byte[STAMP_BYTES]);
    return new Prefix(sha256, crc.getValue());
  }

  private static Sums sumsOfAll(Body body) {
    byte[] all = new byte[body.length()];
    body.copy(0, all, 0, all.length);
    return sums(Digests.sha256().digest(all), crc32(all));
  }

  private static Sums sums(byte[] sha256, long crc) {
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc).array();
    return new Sums(HexFormat.of().formatHex(sha256), Base64.getEncoder().encodeToString(bytes));
  }

  private static long crc32(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  private static MessageDigest copyOf(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("this Java platform cannot copy a SHA-256 state", e);
    }
  }
}
