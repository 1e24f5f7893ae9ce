package garage.common.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Metrics in the text form that Prometheus reads. */
class MetricsTest {
  private final Metrics metrics = new Metrics();

  @Test
  void aCounterHasALineForEachValueOfItsLabels() {
    Family<Counter> requests = metrics.counters("requests", "How many", "endpoint", "status");
    requests.of("Get", "200").increment();
    requests.of("Get", "200").add(2);
    requests.of("Put", "5\"0\\0\n").increment();
    assertEquals(
        """
        # HELP requests How many
        # TYPE requests counter
        requests{endpoint="Get",status="200"} 3
        requests{endpoint="Put",status="5\\"0\\\\0\\n"} 1
        """,
        text());
  }

  @Test
  void aHistogramCountsEachDurationUnderEveryBoundItStaysWithin() {
    Family<Histogram> durations = metrics.durations("duration", "How long");
    durations.of().record(Duration.ofNanos(100_000));
    durations.of().record(Duration.ofNanos(101_000));
    durations.of().record(Duration.ofSeconds(3));
    durations.of().record(Duration.ofSeconds(1000));
    String text = text();
    assertTrue(text.contains("# TYPE duration histogram\n"), text);
    assertTrue(text.contains("duration_bucket{le=\"0.0001\"} 1\n"), text);
    assertTrue(text.contains("duration_bucket{le=\"0.0002\"} 2\n"), text);
    assertTrue(text.contains("duration_bucket{le=\"2\"} 2\n"), text);
    assertTrue(text.contains("duration_bucket{le=\"5\"} 3\n"), text);
    assertTrue(text.contains("duration_bucket{le=\"100\"} 3\n"), text);
    assertTrue(text.contains("duration_bucket{le=\"+Inf\"} 4\n"), text);
    assertTrue(text.contains("duration_sum 1003.000201\n"), text);
    assertTrue(text.endsWith("duration_count 4\n"), text);
  }

  @Test
  void whatAClientInventsCannotMakeMetricsWithoutBound() {
    Family<Counter> requests = metrics.counters("requests", "How many", "name");
    for (int i = 0; i < 3 * Family.SERIES_MAX; i++) {
      requests.of("name " + i).increment();
    }
    String text = text();
    assertEquals(2 + Family.SERIES_MAX + 1, text.lines().count());
    assertTrue(text.contains("requests{name=\"other\"} " + 2 * Family.SERIES_MAX + "\n"), text);
  }

  @Test
  void whatIsReadIsAskedEachTime() {
    int[] asked = {0};
    metrics.onRead(text -> text.gauge("asked", "How often", ++asked[0]));
    assertTrue(text().endsWith("asked 1\n"));
    assertTrue(text().endsWith("asked 2\n"));
  }

  private String text() {
    MetricsText text = new MetricsText();
    metrics.writeTo(text);
    return text.toString();
  }
}
