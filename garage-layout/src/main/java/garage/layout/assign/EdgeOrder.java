package garage.layout.assign;

import garage.common.check.Invariant;
import java.util.Arrays;

/**
 * A pseudo-random order of choices that are equally good, the same in every computation. It falls
 * differently for each partition, so that a node shares partitions with many others, and the chance
 * of a choice to come first is proportional to its weight, so that capacity that is not all needed
 * is filled evenly. SplitMix64, and weights as of Efraimidis and Spirakis.
 *
 * @see <a href="https://doi.org/10.1145/2714064.2660195">Steele et al., Fast splittable
 *     pseudorandom number generators (2014)</a>
 * @see <a href="https://doi.org/10.1016/j.ipl.2005.11.003">Efraimidis and Spirakis, Weighted random
 *     sampling with a reservoir (2006)</a>
 */
final class EdgeOrder {
  private static final long POSITION_MASK = 0xffff;

  private long state;

  /** The positions in {@code weights}, the likely first choices last. */
  int[] lastToFirst(long[] weights) {
    Invariant.check(weights.length <= POSITION_MASK, "a position fits its bits", weights.length);
    long[] keys = new long[weights.length];
    for (int i = 0; i < keys.length; i++) {
      // the bits of a positive double sort as it does; the lowest make room for the position
      double key = -StrictMath.log(fraction()) / weights[i];
      keys[i] = (Double.doubleToLongBits(key) & ~POSITION_MASK) | i;
    }
    Arrays.sort(keys);
    int[] order = new int[keys.length];
    for (int i = 0; i < order.length; i++) {
      order[order.length - 1 - i] = (int) (keys[i] & POSITION_MASK);
    }
    return order;
  }

  /** A number above 0 and below 1. */
  private double fraction() {
    state += 0x9e3779b97f4a7c15L;
    long z = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return ((z ^ (z >>> 31)) >>> 11) * 0x1p-53 + 0x1p-54;
  }
}
