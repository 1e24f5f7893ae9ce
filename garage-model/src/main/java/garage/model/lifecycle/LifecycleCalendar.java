package garage.model.lifecycle;

import garage.common.check.Invariant;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * When days begin. What is to happen some days after a moment happens at the first midnight that
 * many whole days after it.
 *
 * @param day how long a day is; another than the world's, which only tests have use for, is counted
 *     from the Unix epoch
 * @param zone where midnight is
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days">Lifecycle
 *     rules: based on an object's age</a>
 */
public record LifecycleCalendar(Duration day, ZoneId zone) {
  /** Midnight in Greenwich, as AWS has it. */
  public static final LifecycleCalendar UTC =
      new LifecycleCalendar(Duration.ofDays(1), ZoneOffset.UTC);

  public LifecycleCalendar {
    Invariant.check(day.toMillis() > 0, "a day has a length", day);
  }

  /** The number of the day {@code millis} is in. */
  long dayOf(long millis) {
    return isOfTheWorld()
        ? LocalDate.ofInstant(Instant.ofEpochMilli(millis), zone).toEpochDay()
        : Math.floorDiv(millis, day.toMillis());
  }

  /** When the day of that number begins. */
  Instant start(long number) {
    return isOfTheWorld()
        ? LocalDate.ofEpochDay(number).atStartOfDay(zone).toInstant()
        : Instant.ofEpochMilli(Math.multiplyExact(number, day.toMillis()));
  }

  /** The first midnight that is not before {@code days} days after {@code millis}. */
  Instant after(long millis, int days) {
    long number = dayOf(millis);
    boolean midnight = start(number).toEpochMilli() == millis;
    return start(number + days + (midnight ? 0 : 1));
  }

  /** The day of that number, to be read by people. */
  String name(long number) {
    return isOfTheWorld() ? LocalDate.ofEpochDay(number).toString() : start(number).toString();
  }

  private boolean isOfTheWorld() {
    return day.equals(Duration.ofDays(1));
  }
}
