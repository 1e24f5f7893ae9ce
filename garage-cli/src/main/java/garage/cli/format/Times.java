package garage.cli.format;

import garage.common.time.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Points and spans of time as people write them. */
public final class Times {
  private Times() {}

  /** The day, {@code 2026-11-22}. */
  public static String day(Instant instant, ZoneId zone) {
    return format("yyyy-MM-dd", instant, zone);
  }

  /** To the millisecond with the offset, {@code 2026-11-22 13:30:56.123 +00:00}. */
  public static String full(Instant instant, ZoneId zone) {
    return format("yyyy-MM-dd HH:mm:ss.SSS xxx", instant, zone);
  }

  /** How long ago, in the largest unit that fits: {@code 2 minutes ago}, {@code now}. */
  public static String ago(long seconds) {
    if (seconds < 1) {
      return "now";
    }
    if (seconds < 60) {
      return count(seconds, "second");
    }
    if (seconds < 3600) {
      return count(seconds / 60, "minute");
    }
    if (seconds < 86_400) {
      return count(seconds / 3600, "hour");
    }
    long days = seconds / 86_400;
    if (days < 7) {
      return count(days, "day");
    }
    if (days < 30) {
      return count(days / 7, "week");
    }
    return days < 365 ? count(days / 30, "month") : count(days / 365, "year");
  }

  /**
   * Reads {@code 6h}, {@code 2 weeks}, {@code 1d 12h}.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static Duration parse(String text) {
    return Durations.parse(text);
  }

  private static String count(long number, String unit) {
    return number + " " + unit + (number == 1 ? "" : "s") + " ago";
  }

  private static String format(String pattern, Instant instant, ZoneId zone) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(instant.atZone(zone));
  }
}
