package garage.http.sigv4;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** A request's time: {@code text} is its form in the string to sign, 20130524T000000Z. */
record AmzDate(Instant instant, String text) {
  private static final int TEXT_LENGTH = 16;
  private static final int DAY_LENGTH = 8;

  static AmzDate of(Instant instant) {
    LocalDateTime t = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    StringBuilder text = new StringBuilder(TEXT_LENGTH);
    digits(text, t.getYear(), 4);
    digits(text, t.getMonthValue(), 2);
    digits(text, t.getDayOfMonth(), 2);
    text.append('T');
    digits(text, t.getHour(), 2);
    digits(text, t.getMinute(), 2);
    digits(text, t.getSecond(), 2);
    return new AmzDate(instant, text.append('Z').toString());
  }

  /** Parses the basic ISO 8601 form; null if it is anything else. */
  static @Nullable AmzDate parse(String text) {
    if (text.length() != TEXT_LENGTH
        || text.charAt(DAY_LENGTH) != 'T'
        || text.charAt(TEXT_LENGTH - 1) != 'Z') {
      return null;
    }
    for (int i = 0; i < TEXT_LENGTH - 1; i++) {
      if (i != DAY_LENGTH && (text.charAt(i) < '0' || text.charAt(i) > '9')) {
        return null;
      }
    }
    try {
      LocalDateTime time =
          LocalDateTime.of(
              number(text, 0, 4),
              number(text, 4, 6),
              number(text, 6, 8),
              number(text, 9, 11),
              number(text, 11, 13),
              number(text, 13, 15));
      return new AmzDate(time.toInstant(ZoneOffset.UTC), text);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** Parses a Date header of either form; null if it is anything else. */
  static @Nullable AmzDate parseHttp(String text) {
    AmzDate basic = parse(text);
    if (basic != null) {
      return basic;
    }
    try {
      return of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** The day of the credential scope. */
  String day() {
    return text.substring(0, DAY_LENGTH);
  }

  private static int number(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }

  private static void digits(StringBuilder out, int value, int width) {
    String digits = Integer.toString(value);
    out.repeat('0', Math.max(0, width - digits.length())).append(digits);
  }
}
