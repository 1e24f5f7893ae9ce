package garage.s3api.xml;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Time as documents show it: ISO 8601 in UTC with exactly three decimals. */
final class Dates {
  private static final int LENGTH = 24;
  private static final int NANOS_PER_MILLI = 1_000_000;

  private Dates() {}

  /** By hand: a listing has a thousand of them, and a formatter took a third of its time. */
  static String iso(Instant time) {
    LocalDateTime t =
        LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
    StringBuilder out = new StringBuilder(LENGTH);
    digits(out, t.getYear(), 1000).append('-');
    digits(out, t.getMonthValue(), 10).append('-');
    digits(out, t.getDayOfMonth(), 10).append('T');
    digits(out, t.getHour(), 10).append(':');
    digits(out, t.getMinute(), 10).append(':');
    digits(out, t.getSecond(), 10).append('.');
    return digits(out, t.getNano() / NANOS_PER_MILLI, 100).append('Z').toString();
  }

  /** The digits of {@code value} from that of {@code unit} down to the ones. */
  private static StringBuilder digits(StringBuilder out, int value, int unit) {
    for (int u = unit; u > 0; u /= 10) {
      out.append((char) ('0' + value / u % 10));
    }
    return out;
  }
}
