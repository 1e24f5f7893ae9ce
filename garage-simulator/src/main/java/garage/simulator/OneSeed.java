package garage.simulator;

import java.util.function.LongFunction;

/** Runs one seed and answers what went wrong, empty if nothing: across class loaders. */
public final class OneSeed implements LongFunction<String> {
  @Override
  public String apply(long seed) {
    Report report = new Run(Planner.plan(seed)).execute();
    return report.good() ? "" : report.violations().getFirst().toString();
  }
}
