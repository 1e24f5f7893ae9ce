package garage.common.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** What a node counts. Made once, and handed to everything that counts. */
public final class Metrics {
  private final List<Consumer<MetricsText>> writers = new CopyOnWriteArrayList<>();

  /** Numbers that only grow, under a name that is not used yet. */
  public Family<Counter> counters(String name, String help, String... labels) {
    Family<Counter> family = new Family<>(List.of(labels), Counter::new);
    writers.add(text -> {
      text.begin(name, "counter", help);
      family.sorted().forEach((values, counter) -> text.sample(name, values, counter.value()));
    });
    return family;
  }

  /** Durations, in seconds, under a name that is not used yet. */
  public Family<Histogram> durations(String name, String help, String... labels) {
    Family<Histogram> family = new Family<>(List.of(labels), Histogram::new);
    writers.add(text -> {
      text.begin(name, "histogram", help);
      for (Map.Entry<String, Histogram> one : family.sorted().entrySet()) {
        write(text, name, one.getKey(), one.getValue());
      }
    });
    return family;
  }

  /** Whatever else is known at the moment of asking. */
  public void onRead(Consumer<MetricsText> writer) {
    writers.add(writer);
  }

  /** Appends all of it. */
  public void writeTo(MetricsText text) {
    writers.forEach(writer -> writer.accept(text));
  }

  private static void write(MetricsText text, String name, String values, Histogram histogram) {
    String before = values.isEmpty() ? "" : values + ",";
    long[] total = {0};
    histogram.each((bound, within) -> {
      text.sample(name + "_bucket", before + MetricsText.label("le", bound), within);
      total[0] = within;
    });
    text.sample(name + "_sum", values, histogram.sumSeconds());
    text.sample(name + "_count", values, total[0]);
  }
}
