package garage.testkit.env;

import java.time.Duration;
import java.time.Instant;

/** The wall clock in a node's mainboard: it survives restarts, drifts, and may be set. */
final class WallClock {
  /** When every simulation begins. */
  static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Scheduler scheduler;
  private long anchor;
  private long wallAtAnchor = BEGINNING.toEpochMilli() * NANOS_PER_MILLI;
  private double drift;

  WallClock(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  long millis() {
    return Math.floorDiv(nanos(), NANOS_PER_MILLI);
  }

  void jump(Duration by) {
    set(nanos() + by.toNanos());
  }

  void drift(double partsPerMillion) {
    set(nanos());
    drift = partsPerMillion / 1e6;
  }

  /** How far it is ahead of one that neither drifts nor is set; negative if it is behind. */
  Duration ahead() {
    return Duration.ofNanos(nanos() - BEGINNING.toEpochMilli() * NANOS_PER_MILLI - scheduler.now());
  }

  private long nanos() {
    long elapsed = scheduler.now() - anchor;
    return wallAtAnchor + elapsed + (long) (elapsed * drift);
  }

  private void set(long nanos) {
    wallAtAnchor = nanos;
    anchor = scheduler.now();
  }
}
