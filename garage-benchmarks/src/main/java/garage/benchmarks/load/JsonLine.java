package garage.benchmarks.load;

import java.util.Locale;

/** One object of JSON on a line; names and texts need no escapes. */
final class JsonLine {
  private final StringBuilder text = new StringBuilder("{");

  JsonLine with(String name, String value) {
    return raw(name, '"' + value + '"');
  }

  JsonLine with(String name, long value) {
    return raw(name, Long.toString(value));
  }

  JsonLine with(String name, double value) {
    return raw(name, String.format(Locale.ROOT, "%.7f", value));
  }

  private JsonLine raw(String name, String value) {
    text.append(text.length() > 1 ? "," : "").append('"').append(name).append("\":").append(value);
    return this;
  }

  @Override
  public String toString() {
    return text + "}";
  }
}
