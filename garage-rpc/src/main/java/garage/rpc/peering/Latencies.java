package garage.rpc.peering;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The last latencies of one kind. Not thread-safe. */
final class Latencies {
  private static final int SAMPLES_MIN = 4;

  private final long[] nanos = new long[MeshLimits.LATENCIES_KEPT];
  private long count;

  void add(Duration latency) {
    nanos[(int) (count++ % nanos.length)] = latency.toNanos();
  }

  /** The mean; null if there are none. */
  @Nullable Duration mean() {
    int kept = kept();
    return kept == 0 ? null : Duration.ofNanos(Arrays.stream(nanos, 0, kept).sum() / kept);
  }

  /** What 95 % do not exceed; null if there are too few to say. */
  @Nullable Duration p95() {
    int kept = kept();
    if (kept < SAMPLES_MIN) {
      return null;
    }
    long[] sorted = Arrays.copyOf(nanos, kept);
    Arrays.sort(sorted);
    return Duration.ofNanos(sorted[Math.min(kept - 1, kept * 95 / 100)]);
  }

  private int kept() {
    return (int) Math.min(count, nanos.length);
  }
}
