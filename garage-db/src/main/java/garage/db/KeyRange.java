package garage.db;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The keys at or after {@code from} and before {@code to}, in ascending or descending order; null
 * is no bound.
 */
public record KeyRange(byte @Nullable [] from, byte @Nullable [] to, boolean descending) {
  /** Every key, ascending. */
  public static KeyRange all() {
    return new KeyRange(null, null, false);
  }

  /** The keys that begin with {@code prefix}, ascending. */
  public static KeyRange prefix(byte[] prefix) {
    return new KeyRange(prefix, successor(prefix), false);
  }

  /** The keys of {@code [from, to)}, ascending. */
  public static KeyRange of(byte @Nullable [] from, byte @Nullable [] to) {
    return new KeyRange(from, to, false);
  }

  /** The same keys from the last to the first. */
  public KeyRange reversed() {
    return new KeyRange(from, to, !descending);
  }

  /**
   * The first key after every key that begins with {@code prefix}; null if there is none, because
   * all its bytes are 0xff or it is empty.
   */
  public static byte @Nullable [] successor(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xff) {
        byte[] next = Arrays.copyOf(prefix, i + 1);
        next[i]++;
        return next;
      }
    }
    return null;
  }

  /** Whether {@code key} is within the bounds. */
  public boolean contains(byte[] key) {
    return (from == null || Arrays.compareUnsigned(key, from) >= 0)
        && (to == null || Arrays.compareUnsigned(key, to) < 0);
  }

  /** Whether no key can be within the bounds. */
  public boolean isEmpty() {
    return to != null
        && (to.length == 0 || (from != null && Arrays.compareUnsigned(from, to) >= 0));
  }

  /** Whether {@code key} comes before the whole range in the range's direction. */
  public boolean isBeforeBegin(byte[] key) {
    return descending
        ? to != null && Arrays.compareUnsigned(key, to) >= 0
        : from != null && Arrays.compareUnsigned(key, from) < 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyRange that
        && Arrays.equals(from, that.from)
        && Arrays.equals(to, that.to)
        && descending == that.descending;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(from) + Arrays.hashCode(to) + Boolean.hashCode(descending);
  }

  @Override
  public String toString() {
    String direction = descending ? ") descending" : ")";
    return "KeyRange[" + hex(from) + ", " + hex(to) + direction;
  }

  private static String hex(byte @Nullable [] bound) {
    return bound == null ? "" : HexFormat.of().formatHex(bound);
  }
}
