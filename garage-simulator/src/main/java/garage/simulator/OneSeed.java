package garage.simulator;

import java.util.function.BiFunction;

/**
 * Runs one seed and answers what went wrong, empty if nothing, or that it was left out: across
 * class loaders.
 */
public final class OneSeed implements BiFunction<Long, Boolean, String> {
  /** {@code quick} leaves out the calm runs. */
  @Override
  public String apply(Long seed, Boolean quick) {
    Plan plan = Planner.plan(seed);
    if (quick && plan.isCalm()) {
      return SKIPPED;
    }
    Report report = new Run(plan).execute();
    return report.good() ? "" : report.violations().getFirst().toString();
  }

  /** What is answered of a seed that was left out. */
  static final String SKIPPED = "left out";
}
