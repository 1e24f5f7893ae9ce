package garage.testkit.env;

import java.util.Arrays;

/** An array of bytes that grows where it is written; what was skipped is zero. */
final class GrowingBytes {
  private byte[] bytes = new byte[0];
  private int size;

  int size() {
    return size;
  }

  void clear() {
    bytes = new byte[0];
    size = 0;
  }

  /** Puts {@code source[from, to)} at {@code position}. */
  void write(int position, byte[] source, int from, int to) {
    int end = Math.addExact(position, to - from);
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, (int) Math.min(1 << 30, bytes.length * 2L)));
    }
    System.arraycopy(source, from, bytes, position, to - from);
    size = Math.max(size, end);
  }

  /** Up to {@code length} bytes from {@code position}. */
  byte[] read(long position, int length) {
    int from = (int) Math.min(position, size);
    return Arrays.copyOfRange(bytes, from, (int) Math.min(size, (long) from + length));
  }

  void flip(int position, int bit) {
    if (position < size) {
      bytes[position] ^= (byte) (1 << bit);
    }
  }

  GrowingBytes copy() {
    GrowingBytes copy = new GrowingBytes();
    copy.write(0, bytes, 0, size);
    return copy;
  }
}
