package garage.common.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.Checksum;

/**
 * CRC-64/NVME, which the JDK lacks: eight bytes a step by eight tables (slicing-by-8), on two
 * neighbouring stripes at once, because one chain of table look-ups is bound by their latency. The
 * stripes' values are then joined by {@link CrcPolynomial}.
 *
 * @see <a href="https://nvmexpress.org/specifications/">NVM Express, NVM Command Set Specification,
 *     64b CRC</a>
 * @see <a
 *     href="https://static.aminer.org/pdf/PDF/000/432/446/a_systematic_approach_to_building_high_performance_software_based_crc.pdf">Kounavis
 *     and Berry, A Systematic Approach to Building High Performance, Software-based, CRC Generators
 *     (2005)</a>
 */
final class Crc64Nvme implements Checksum {
  /** Bytes of one stripe: joining two costs about what 200 bytes do. */
  static final int STRIPE_BYTES = 8 * 1024;

  /** Bytes copied at a time out of a direct buffer. */
  private static final int COPY_BYTES = 2 * STRIPE_BYTES;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final CrcPolynomial FIELD = CrcPolynomial.CRC64NVME;
  private static final long STRIPE_SHIFT = FIELD.power(STRIPE_BYTES);
  private static final long[] TABLE = table();

  /** Inverted. */
  private long state = -1;

  @Override
  public void update(int b) {
    state = TABLE[(int) (state ^ b) & 0xff] ^ (state >>> 8);
  }

  @Override
  public void update(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    int at = offset;
    int end = offset + length;
    for (; end - at >= 2 * STRIPE_BYTES; at += 2 * STRIPE_BYTES) {
      state = twoStripes(state, bytes, at);
    }
    state = single(state, bytes, at, end);
  }

  @Override
  public void update(ByteBuffer buffer) {
    if (buffer.hasArray()) {
      update(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
      buffer.position(buffer.limit());
      return;
    }
    byte[] copy = new byte[Math.min(buffer.remaining(), COPY_BYTES)];
    while (buffer.hasRemaining()) {
      int length = Math.min(buffer.remaining(), copy.length);
      buffer.get(copy, 0, length);
      update(copy, 0, length);
    }
  }

  @Override
  public long getValue() {
    return ~state;
  }

  @Override
  public void reset() {
    state = -1;
  }

  private static long twoStripes(long state, byte[] bytes, int offset) {
    long a = state;
    long b = 0; // without the inversion, so that the second stripe is a plain sum
    for (int i = offset; i < offset + STRIPE_BYTES; i += 8) {
      a = step(a ^ (long) LONG.get(bytes, i));
      b = step(b ^ (long) LONG.get(bytes, i + STRIPE_BYTES));
    }
    return FIELD.multiply(a, STRIPE_SHIFT) ^ b;
  }

  private static long single(long state, byte[] bytes, int offset, int end) {
    long crc = state;
    int at = offset;
    for (; end - at >= 8; at += 8) {
      crc = step(crc ^ (long) LONG.get(bytes, at));
    }
    for (; at < end; at++) {
      crc = TABLE[(int) (crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
    }
    return crc;
  }

  private static long step(long word) {
    return TABLE[7 * 256 + (int) (word & 0xff)]
        ^ TABLE[6 * 256 + (int) (word >>> 8 & 0xff)]
        ^ TABLE[5 * 256 + (int) (word >>> 16 & 0xff)]
        ^ TABLE[4 * 256 + (int) (word >>> 24 & 0xff)]
        ^ TABLE[3 * 256 + (int) (word >>> 32 & 0xff)]
        ^ TABLE[2 * 256 + (int) (word >>> 40 & 0xff)]
        ^ TABLE[256 + (int) (word >>> 48 & 0xff)]
        ^ TABLE[(int) (word >>> 56)];
  }

  /** Row {@code k} is the effect of a byte followed by {@code k} zero bytes. */
  private static long[] table() {
    long[] table = new long[8 * 256];
    for (int b = 0; b < 256; b++) {
      long crc = b;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ (FIELD.reflected() & -(crc & 1));
      }
      table[b] = crc;
    }
    for (int i = 256; i < table.length; i++) {
      long before = table[i - 256];
      table[i] = table[(int) before & 0xff] ^ (before >>> 8);
    }
    return table;
  }
}
