package garage.common.env;

import java.time.Duration;

/** A point in monotonic time of one {@link Clock}, after which nobody wants the result. */
public record Deadline(long nanos) {
  /** Never reached: only for waits that end when the component is closed. */
  public static final Deadline NEVER = new Deadline(Long.MAX_VALUE);

  /** {@code duration} from now. */
  public static Deadline after(Clock clock, Duration duration) {
    return new Deadline(clock.nanos() + duration.toNanos());
  }

  /** What is left, never negative; about 292 years for {@link #NEVER}. */
  public Duration remaining(Clock clock) {
    return nanos == Long.MAX_VALUE
        ? Duration.ofNanos(Long.MAX_VALUE)
        : Duration.ofNanos(Math.max(0, nanos - clock.nanos()));
  }

  /** Whether nothing is left. */
  public boolean expired(Clock clock) {
    return nanos != Long.MAX_VALUE && nanos - clock.nanos() <= 0;
  }

  /** The sooner of the two. */
  public Deadline earlier(Deadline other) {
    if (nanos == Long.MAX_VALUE) {
      return other;
    }
    return other.nanos != Long.MAX_VALUE && other.nanos - nanos < 0 ? other : this;
  }
}
