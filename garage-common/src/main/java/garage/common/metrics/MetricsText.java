package garage.common.metrics;

import java.util.Locale;

/** Writes metrics in the text form of Prometheus. */
public final class MetricsText {
  private final StringBuilder text = new StringBuilder();

  /** {@code name="value"}, with what would end the value escaped. */
  public static String label(String name, String value) {
    String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return name + "=\"" + escaped + "\"";
  }

  /** Begins a metric; {@code type} is {@code counter}, {@code gauge} or {@code histogram}. */
  public void begin(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  /** A line of the metric; {@code labels} as {@link #label} makes them, with commas, or empty. */
  public void sample(String name, String labels, long value) {
    sample(name, labels, Long.toString(value));
  }

  /** The same for a number with a fraction. */
  public void sample(String name, String labels, double value) {
    sample(name, labels, String.format(Locale.ROOT, "%.6f", value));
  }

  /** A metric of one line. */
  public void gauge(String name, String help, long value) {
    begin(name, "gauge", help);
    sample(name, "", value);
  }

  private void sample(String name, String labels, String value) {
    text.append(name);
    if (!labels.isEmpty()) {
      text.append('{').append(labels).append('}');
    }
    text.append(' ').append(value).append('\n');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
