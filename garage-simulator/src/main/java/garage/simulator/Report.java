package garage.simulator;

import garage.simulator.check.Violation;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How a run ended.
 *
 * @param simulated the virtual time that passed
 * @param digest of everything that happened, in order
 * @param answers how often each was given
 * @param undecided keys whose history was too hard to judge
 */
public record Report(
    Plan plan,
    List<Violation> violations,
    Duration simulated,
    long digest,
    int undecided,
    Map<String, Integer> answers) {
  /** Whether every promise was kept. */
  public boolean good() {
    return violations.isEmpty();
  }
}
