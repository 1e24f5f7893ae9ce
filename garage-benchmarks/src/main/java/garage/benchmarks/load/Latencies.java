package garage.benchmarks.load;

/**
 * How long operations took: counts in buckets that grow with the value, so that any percentile is
 * right to 1.6 %. For one thread until merged.
 */
final class Latencies {
  private static final int SUB_BITS = 6;
  private static final int SUB = 1 << SUB_BITS;

  private final long[] counts = new long[(Long.SIZE - SUB_BITS) * SUB];
  private long total;

  void add(long nanos) {
    counts[bucket(Math.max(0, nanos))]++;
    total++;
  }

  void add(Latencies other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    total += other.total;
  }

  long count() {
    return total;
  }

  /** The time that {@code share} of the operations did not exceed; 0 if there were none. */
  long percentileNanos(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * total));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return upperBound(i);
      }
    }
    return 0;
  }

  private static int bucket(long value) {
    if (value < SUB) {
      return (int) value;
    }
    int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - SUB_BITS;
    return (exponent << SUB_BITS) + (int) (value >>> exponent);
  }

  private static long upperBound(int bucket) {
    if (bucket < 2 * SUB) {
      return bucket;
    }
    int exponent = (bucket >>> SUB_BITS) - 1;
    long mantissa = bucket - ((long) exponent << SUB_BITS);
    return ((mantissa + 1) << exponent) - 1;
  }
}
