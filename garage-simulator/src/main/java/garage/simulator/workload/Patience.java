package garage.simulator.workload;

import garage.common.env.Clock;
import garage.simulator.check.Violation.Rule;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Waits for what must hold in the end, and notes what never does.
 *
 * @param lookEvery between two looks
 */
record Patience(Clock clock, Ledger ledger, Duration lookEvery) {
  /** Longer than what failed backs off, and several rounds of comparison. */
  private static final Duration TIME_MAX = Duration.ofHours(3);

  /** Waits until nothing is {@code wrong}, of which it says what; empty is nothing. */
  void await(Rule rule, Supplier<String> wrong) {
    long end = clock.nanos() + TIME_MAX.toNanos();
    String left = wrong.get();
    while (!left.isEmpty() && clock.nanos() < end) {
      clock.sleep(lookEvery);
      left = wrong.get();
    }
    if (!left.isEmpty()) {
      ledger.violation(rule, "after %s of peace: %s".formatted(TIME_MAX, left));
    }
  }
}
