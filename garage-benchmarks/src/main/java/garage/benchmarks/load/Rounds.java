package garage.benchmarks.load;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How often nodes asked several others at once, from their metrics: what a network with latency
 * costs an operation. What nodes do among themselves, without a client, does not count.
 */
final class Rounds {
  private static final String METRIC = "rpc_rounds_counter{";
  private static final List<String> OF_CLIENTS =
      List.of("\"register/", "\"table/", "\"scan/", "\"block/", "\"counter/");

  private final MetricsPages pages;

  Rounds(MetricsPages pages) {
    this.pages = pages;
  }

  /** All so far; not a number if the nodes do not tell. */
  double made() throws InterruptedException {
    List<OptionalDouble> told =
        pages
            .sums(line -> line.startsWith(METRIC) && OF_CLIENTS.stream().anyMatch(line::contains))
            .stream()
            .filter(OptionalDouble::isPresent)
            .toList();
    return told.isEmpty()
        ? Double.NaN
        : told.stream().mapToDouble(OptionalDouble::orElseThrow).sum();
  }
}
