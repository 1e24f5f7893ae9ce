package garage.cli.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Dates, ages and durations. */
class TimesTest {
  private static final Instant INSTANT = Instant.parse("2026-11-22T23:30:56.123456Z");

  @Test
  void datesAreInTheZoneOfTheReader() {
    assertEquals("2026-11-22", Times.day(INSTANT, ZoneOffset.UTC));
    assertEquals("2026-11-23", Times.day(INSTANT, ZoneId.of("Europe/Paris")));
    assertEquals("2026-11-22 23:30:56.123 +00:00", Times.full(INSTANT, ZoneOffset.UTC));
    assertEquals("2026-11-23 00:30:56.123 +01:00", Times.full(INSTANT, ZoneId.of("Europe/Paris")));
  }

  @Test
  void agesAreInTheLargestUnitThatFits() {
    assertEquals("now", Times.ago(0));
    assertEquals("1 second ago", Times.ago(1));
    assertEquals("59 seconds ago", Times.ago(59));
    assertEquals("1 minute ago", Times.ago(60));
    assertEquals("2 minutes ago", Times.ago(179));
    assertEquals("1 hour ago", Times.ago(3600));
    assertEquals("23 hours ago", Times.ago(86_399));
    assertEquals("1 day ago", Times.ago(86_400));
    assertEquals("1 week ago", Times.ago(7 * 86_400));
    assertEquals("1 month ago", Times.ago(30 * 86_400));
    assertEquals("2 years ago", Times.ago(800L * 86_400));
  }

  @Test
  void durationsAreReadAsPeopleWriteThem() {
    assertEquals(Duration.ofHours(6), Times.parse("6h"));
    assertEquals(Duration.ofDays(1), Times.parse("1d"));
    assertEquals(Duration.ofDays(14), Times.parse("2 weeks"));
    assertEquals(Duration.ofHours(36), Times.parse("1d 12h"));
    assertEquals(Duration.ofSeconds(90), Times.parse(" 1Min30s "));
    assertEquals(Duration.ofDays(365), Times.parse("1 Year"));
  }

  @Test
  void whatIsNoDurationIsRefused() {
    for (String text : List.of("", "h", "6", "6 parsecs", "6h x", "-6h", "1.5h", "1234567890s")) {
      assertThrows(IllegalArgumentException.class, () -> Times.parse(text), text);
    }
  }
}
