package garage.testkit.env;

import garage.common.env.RandomSource;

/**
 * Randomness that one seed determines, on every machine and Java version. Use from one task at a
 * time, or inside one simulation.
 *
 * @see <a href="https://doi.org/10.1145/2714064.2660195">Steele, Lea, Flood: Fast splittable
 *     pseudorandom number generators (2014)</a>
 */
public final class SeededRandom implements RandomSource {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  public SeededRandom(long seed) {
    state = seed;
  }

  /** A generator of its own for {@code purpose}: what it gives does not disturb this one. */
  public SeededRandom split(String purpose) {
    return new SeededRandom(nextLong() ^ mix(purpose.hashCode()));
  }

  /** One well mixed number from another. */
  public static long mix(long value) {
    long z = value + GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  @Override
  public void fill(byte[] bytes) {
    long bits = 0;
    for (int i = 0; i < bytes.length; i++) {
      bits = i % 8 == 0 ? nextLong() : bits >>> 8;
      bytes[i] = (byte) bits;
    }
  }

  @Override
  public long nextLong() {
    long value = mix(state);
    state += GOLDEN_GAMMA;
    return value;
  }

  @Override
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive: " + bound);
    }
    return (int) nextLong(bound);
  }

  /** Uniform in {@code [0, bound)}, as nearly as 63 bits allow. */
  public long nextLong(long bound) {
    return (nextLong() >>> 1) % bound;
  }

  /** Uniform in {@code [from, to]}. */
  public long between(long from, long to) {
    return from + nextLong(to - from + 1);
  }

  /** True with {@code probability}, from 0 to 1. */
  public boolean chance(double probability) {
    return probability > 0 && (nextLong() >>> 11) * 0x1.0p-53 < probability;
  }
}
