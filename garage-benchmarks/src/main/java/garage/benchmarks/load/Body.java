package garage.benchmarks.load;

import java.util.Arrays;

/**
 * The bytes of one object or part. Equal numbers give equal bytes; different ones differ in every
 * block, so that a server that stores equal blocks once gains nothing from it.
 */
final class Body {
  /** What is compared of each piece received; all of it would cost more than the server sending. */
  private static final int COMPARED_BYTES_MAX = 4096;

  private final Content content;
  private final int length;
  private final long number;

  Body(Content content, int length, long number) {
    this.content = content;
    this.length = length;
    this.number = number;
  }

  int length() {
    return length;
  }

  long number() {
    return number;
  }

  /** The bytes all bodies share: right wherever {@link #isStamped} says there is no stamp. */
  byte[] common() {
    return content.base();
  }

  /** Whether the range has bytes of this body's own. */
  boolean isStamped(int offset, int count) {
    return stampAfter(offset) < offset + count;
  }

  /** Copies a range of the body. */
  void copy(int offset, byte[] target, int at, int count) {
    System.arraycopy(content.base(), offset, target, at, count);
    for (int s = stampAfter(offset); s < offset + count; s = stampAfter(s + Content.STAMP_BYTES)) {
      byte[] stamp = content.stamp(number, s);
      int from = Math.max(s, offset);
      int to = Math.min(s + Content.STAMP_BYTES, offset + count);
      System.arraycopy(stamp, from - s, target, at + from - offset, to - from);
    }
  }

  /** Whether the start and the end of a received piece are right. */
  boolean matches(int offset, byte[] bytes, int at, int count) {
    int compared = Math.min(count, COMPARED_BYTES_MAX);
    return isSame(offset, bytes, at, compared)
        && isSame(offset + count - compared, bytes, at + count - compared, compared);
  }

  private boolean isSame(int offset, byte[] bytes, int at, int count) {
    byte[] expected = content.base();
    int from = offset;
    if (isStamped(offset, count)) {
      expected = new byte[count];
      copy(offset, expected, 0, count);
      from = 0;
    }
    return Arrays.equals(expected, from, from + count, bytes, at, at + count);
  }

  /** The start of the first stamp that ends after {@code offset}; beyond the end if none does. */
  private int stampAfter(int offset) {
    if (offset >= length) {
      return Integer.MAX_VALUE - Content.STAMP_BYTES;
    }
    int blockEnd = (offset / Content.BLOCK_BYTES + 1) * Content.BLOCK_BYTES;
    return Math.min(blockEnd, length) - Content.STAMP_BYTES;
  }
}
