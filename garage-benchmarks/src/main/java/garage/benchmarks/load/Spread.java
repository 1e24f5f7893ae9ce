package garage.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How the objects of one bucket lie on the nodes of a cluster.
 *
 * @param rows that each node has more than before they were made, as it estimates them
 */
record Spread(String what, List<Double> rows) {
  private static final String METRIC = "table_size{table_name=\"object\"}";

  Spread {
    rows = List.copyOf(rows);
  }

  /** Objects on each node now. */
  static List<OptionalDouble> now(MetricsPages pages) throws InterruptedException {
    return pages.sums(line -> line.startsWith(METRIC));
  }

  /** What came since {@code before}, on the nodes that tell. */
  static Spread since(List<OptionalDouble> before, MetricsPages pages, String what)
      throws InterruptedException {
    List<OptionalDouble> after = now(pages);
    List<Double> rows = new ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      if (after.get(i).isPresent() && before.get(i).isPresent()) {
        rows.add(after.get(i).getAsDouble() - before.get(i).getAsDouble());
      }
    }
    return new Spread(what, rows);
  }

  /** How far the node that is farthest from the mean is from it, as a share of it. */
  double deviation() {
    double mean = rows.stream().mapToDouble(row -> row).average().orElse(0);
    return rows.stream().mapToDouble(row -> Math.abs(row - mean) / mean).max().orElse(0);
  }
}
