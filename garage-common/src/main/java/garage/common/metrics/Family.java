package garage.common.metrics;

import garage.common.check.Invariant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Metrics of one name, told apart by the values of its labels. There are at most {@link
 * #SERIES_MAX}; what would be one more is counted as {@value #OTHER}, so that nothing a client
 * sends can fill the memory or the monitoring.
 *
 * @param <M> a {@link Counter} or a {@link Histogram}
 */
public final class Family<M> {
  static final int SERIES_MAX = 500;
  static final String OTHER = "other";

  private final List<String> labels;
  private final Supplier<M> maker;
  private final ConcurrentHashMap<List<String>, M> series = new ConcurrentHashMap<>();

  Family(List<String> labels, Supplier<M> maker) {
    this.labels = List.copyOf(labels);
    this.maker = maker;
  }

  /** The metric with these values, one for each label. */
  public M of(String... values) {
    Invariant.check(values.length == labels.size(), "a value for each label", labels);
    List<String> key = List.of(values);
    M found = series.get(key);
    if (found != null) {
      return found;
    }
    // A race may add a few more than the bound, which is no harm.
    List<String> kept = series.size() < SERIES_MAX ? key : labels.stream().map(_ -> OTHER).toList();
    return series.computeIfAbsent(kept, _ -> maker.get());
  }

  List<String> labels() {
    return labels;
  }

  /** Each metric by its values, in order. */
  Map<String, M> sorted() {
    Map<String, M> sorted = new TreeMap<>();
    series.forEach((values, metric) -> sorted.put(text(values), metric));
    return sorted;
  }

  private String text(List<String> values) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      text.append(i == 0 ? "" : ",").append(MetricsText.label(labels.get(i), values.get(i)));
    }
    return text.toString();
  }
}
