package garage.common.time;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.error.GarageException;
import java.time.Instant;

/**
 * A point in hybrid logical time: the order of all writes, and the ballot of the register protocol.
 * Unique over the whole cluster and for ever: no two nodes share {@code node}, no node repeats a
 * {@code boot}, and no {@link HybridClock} repeats {@code ticks}.
 *
 * @param ticks milliseconds since the Unix epoch times 2^16, plus a counter within the millisecond
 * @param node the first eight bytes of the node's id
 * @param boot how many times the node had started
 * @see <a href="https://cse.buffalo.edu/tech-reports/2014-04.pdf">Kulkarni et al., Logical Physical
 *     Clocks (2014)</a>
 */
public record Timestamp(long ticks, long node, int boot) implements Comparable<Timestamp> {
  /** Before every timestamp a clock gives. */
  public static final Timestamp ZERO = new Timestamp(0, 0, 0);

  /** Twenty bytes, whose unsigned order is the order of the timestamps. */
  public static final Codec<Timestamp> CODEC =
      Codec.of(
          (out, t) -> out.i64(t.ticks).i64(t.node).i32(t.boot),
          in -> new Timestamp(ticks(in.i64()), in.i64(), in.i32()));

  /** Length of the encoded form in bytes. */
  public static final int ENCODED_BYTES = 20;

  static final int COUNTER_BITS = 16;

  public Timestamp {
    Invariant.check(ticks >= 0, "hybrid time is never negative", ticks);
  }

  private static long ticks(long read) {
    if (read < 0) {
      throw new GarageException.Corrupt("a negative timestamp");
    }
    return read;
  }

  /** The wall part, in milliseconds since the Unix epoch. */
  public long millis() {
    return ticks >>> COUNTER_BITS;
  }

  /** The wall part. */
  public Instant instant() {
    return Instant.ofEpochMilli(millis());
  }

  /** Whether this is later than {@code other}. */
  public boolean isAfter(Timestamp other) {
    return compareTo(other) > 0;
  }

  /** The later of the two. */
  public Timestamp max(Timestamp other) {
    return isAfter(other) ? this : other;
  }

  @Override
  public int compareTo(Timestamp other) {
    int c = Long.compare(ticks, other.ticks);
    if (c == 0) {
      c = Long.compareUnsigned(node, other.node);
    }
    return c != 0 ? c : Integer.compareUnsigned(boot, other.boot);
  }

  @Override
  public String toString() {
    return millis() + "." + (ticks & 0xffff) + "@" + Long.toHexString(node) + "/" + boot;
  }
}
