package garage.testkit.env;

import java.time.Duration;

/** When a simulation is given up: tasks that feed each other work for ever would never end. */
public record Limits(long stepsMax, Duration timeMax) {
  /** Ample for a test; some seconds of real time. */
  public static final Limits DEFAULT = new Limits(5_000_000, Duration.ofDays(30));

  public Limits {
    if (stepsMax <= 0 || timeMax.isNegative() || timeMax.isZero()) {
      throw new IllegalArgumentException("limits are positive");
    }
  }
}
