package garage.common.metrics;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** How long something took, counted by the smallest bound it stayed within. */
public final class Histogram {
  /** Upper bounds in microseconds: 1, 2 and 5 of each power of ten, from 100 µs to 100 s. */
  private static final long[] BOUNDS_MICROS = {
    100, 200, 500,
    1_000, 2_000, 5_000,
    10_000, 20_000, 50_000,
    100_000, 200_000, 500_000,
    1_000_000, 2_000_000, 5_000_000,
    10_000_000, 20_000_000, 50_000_000,
    100_000_000
  };

  private static final double MICROS_PER_SECOND = 1e6;

  private final LongAdder[] counts = new LongAdder[BOUNDS_MICROS.length + 1];
  private final LongAdder sumMicros = new LongAdder();

  Histogram() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  /** Counts one that took {@code duration}. */
  public void record(Duration duration) {
    long micros = Math.max(0, duration.toNanos() / 1_000);
    int bucket = 0;
    while (bucket < BOUNDS_MICROS.length && micros > BOUNDS_MICROS[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sumMicros.add(micros);
  }

  /** Shows each bound in seconds, with how many stayed within it; the last is without bound. */
  void each(Bucket to) {
    long within = 0;
    for (int i = 0; i < BOUNDS_MICROS.length; i++) {
      within += counts[i].sum();
      to.bucket(seconds(BOUNDS_MICROS[i]), within);
    }
    to.bucket("+Inf", within + counts[BOUNDS_MICROS.length].sum());
  }

  private static String seconds(long micros) {
    return BigDecimal.valueOf(micros, 6).stripTrailingZeros().toPlainString();
  }

  double sumSeconds() {
    return sumMicros.sum() / MICROS_PER_SECOND;
  }

  /** Takes what {@link #each} shows. */
  interface Bucket {
    void bucket(String bound, long within);
  }
}
