package garage.common.time;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them. */
public final class Durations {
  private static final Pattern PART = Pattern.compile("\\s*(\\d{1,9})\\s*([a-z]+)\\s*");
  private static final Map<String, Duration> UNITS =
      Map.ofEntries(
          Map.entry("s", Duration.ofSeconds(1)),
          Map.entry("sec", Duration.ofSeconds(1)),
          Map.entry("second", Duration.ofSeconds(1)),
          Map.entry("m", Duration.ofMinutes(1)),
          Map.entry("min", Duration.ofMinutes(1)),
          Map.entry("minute", Duration.ofMinutes(1)),
          Map.entry("h", Duration.ofHours(1)),
          Map.entry("hour", Duration.ofHours(1)),
          Map.entry("d", Duration.ofDays(1)),
          Map.entry("day", Duration.ofDays(1)),
          Map.entry("w", Duration.ofDays(7)),
          Map.entry("week", Duration.ofDays(7)),
          Map.entry("month", Duration.ofDays(30)),
          Map.entry("y", Duration.ofDays(365)),
          Map.entry("year", Duration.ofDays(365)));

  private Durations() {}

  /**
   * Reads {@code 6h}, {@code 2 weeks}, {@code 1d 12h}.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static Duration parse(String text) {
    Matcher part = PART.matcher(text.toLowerCase(Locale.ROOT));
    Duration total = Duration.ZERO;
    int end = 0;
    while (part.lookingAt()) {
      String unit = part.group(2);
      String singular = unit.length() > 1 && unit.endsWith("s") ? chop(unit) : unit;
      Duration of = UNITS.get(singular);
      if (of == null) {
        throw notADuration(text);
      }
      total = total.plus(of.multipliedBy(Long.parseLong(part.group(1))));
      end = part.end();
      part.region(end, text.length());
    }
    if (end != text.length() || end == 0) {
      throw notADuration(text);
    }
    return total;
  }

  private static String chop(String word) {
    return word.substring(0, word.length() - 1);
  }

  private static IllegalArgumentException notADuration(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is not a duration: write for example 6h, 30d or '2 weeks'");
  }
}
