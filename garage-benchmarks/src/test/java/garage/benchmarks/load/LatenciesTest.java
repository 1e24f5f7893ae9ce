package garage.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  @Test
  void percentilesAreRightToTwoPercent() {
    SplittableRandom random = new SplittableRandom(3);
    long[] values = new long[10_000];
    Latencies one = new Latencies();
    Latencies two = new Latencies();
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextLong(1L << random.nextInt(1, 40));
      (i % 2 == 0 ? one : two).add(values[i]);
    }
    one.add(two);
    Arrays.sort(values);
    assertEquals(values.length, one.count());
    for (double share : new double[] {0.001, 0.5, 0.99, 1}) {
      long exact = values[(int) Math.ceil(share * values.length) - 1];
      long told = one.percentileNanos(share);
      assertTrue(told >= exact && told <= exact * 1.02 + 1, share + ": " + told + ", " + exact);
    }
  }

  @Test
  void withoutOperationsThereIsNothingToTell() {
    assertEquals(0, new Latencies().percentileNanos(0.5));
  }
}
