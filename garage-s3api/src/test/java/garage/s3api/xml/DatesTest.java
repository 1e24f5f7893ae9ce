package garage.s3api.xml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.s3api.request.HttpDates;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is written by hand is what the platform's formatters write. */
final class DatesTest {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter HTTP =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  @Test
  void timesAreWrittenAsTheFormattersWriteThem() {
    Random random = new Random(1);
    long last = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
    for (int i = 0; i < 20_000; i++) {
      Instant time = Instant.ofEpochMilli(random.nextLong(last + 1));
      assertEquals(ISO.format(time), Dates.iso(time));
      assertEquals(HTTP.format(time), HttpDates.format(time));
    }
    assertEquals("1970-01-01T00:00:00.000Z", Dates.iso(Instant.EPOCH));
    assertEquals("Thu, 01 Jan 1970 00:00:00 GMT", HttpDates.format(Instant.EPOCH));
  }
}
