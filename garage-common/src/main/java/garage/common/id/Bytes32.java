package garage.common.id;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Thirty-two bytes as a value: compared as unsigned big-endian numbers, written as 64 lower-case
 * hex digits.
 */
public record Bytes32(long first, long second, long third, long fourth)
    implements Comparable<Bytes32> {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  /** Reads the bytes of {@code bytes}, which must be exactly 32. */
  public static Bytes32 of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  /** Reads 32 bytes from {@code offset}; {@code length} must be 32. */
  public static Bytes32 of(byte[] bytes, int offset, int length) {
    if (length != LENGTH) {
      throw new IllegalArgumentException("expected 32 bytes, got " + length);
    }
    ByteBuffer b = ByteBuffer.wrap(bytes, offset, length);
    return new Bytes32(b.getLong(), b.getLong(), b.getLong(), b.getLong());
  }

  /**
   * Parses 64 hex digits of either case.
   *
   * @throws IllegalArgumentException if {@code hex} is anything else
   */
  public static Bytes32 parse(String hex) {
    if (hex.length() != 2 * LENGTH) {
      throw new IllegalArgumentException("expected 64 hex digits, got " + hex.length());
    }
    return of(HexFormat.of().parseHex(hex));
  }

  /** A fresh array of the 32 bytes. */
  public byte[] toBytes() {
    byte[] bytes = new byte[LENGTH];
    ByteBuffer.wrap(bytes).putLong(first).putLong(second).putLong(third).putLong(fourth);
    return bytes;
  }

  /** The first byte, 0 to 255. */
  public int firstByte() {
    return (int) (first >>> 56);
  }

  @Override
  public int compareTo(Bytes32 other) {
    int c = Long.compareUnsigned(first, other.first);
    if (c == 0) {
      c = Long.compareUnsigned(second, other.second);
    }
    if (c == 0) {
      c = Long.compareUnsigned(third, other.third);
    }
    return c != 0 ? c : Long.compareUnsigned(fourth, other.fourth);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(toBytes());
  }
}
