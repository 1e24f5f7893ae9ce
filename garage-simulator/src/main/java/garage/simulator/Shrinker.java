package garage.simulator;

import garage.simulator.check.Violation;
import garage.simulator.fault.Incident;
import garage.simulator.workload.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Makes a failing plan shorter: leaves out faults and steps, by halves and then by less, as long as
 * the same promise stays broken (Zeller and Hildebrandt, Simplifying and isolating failure-inducing
 * input, 2002).
 */
final class Shrinker {
  /** Runs spent on it. */
  private static final int RUNS_MAX = 250;

  /** Real time spent on it. */
  private static final Duration TIME_MAX = Duration.ofMinutes(1);

  private final Violation.Rule rule;
  private final Function<Plan, Report> runner;
  private Report shortest;
  private final long end = System.nanoTime() + TIME_MAX.toNanos();
  private int runs;

  Shrinker(Report failed, Function<Plan, Report> runner) {
    this.rule = failed.violations().getFirst().rule();
    this.shortest = failed;
    this.runner = runner;
  }

  /** The shortest plan found, as it failed. */
  Report shrink() {
    int before;
    do {
      before = size();
      shrinkIncidents();
      shrinkSteps();
    } while (size() < before && runs < RUNS_MAX);
    return shortest;
  }

  private int size() {
    return shortest.plan().steps().size() + shortest.plan().incidents().size();
  }

  private void shrinkIncidents() {
    for (int chunk = shortest.plan().incidents().size(); chunk > 0; chunk /= 2) {
      for (int from = 0; from < shortest.plan().incidents().size(); ) {
        List<Incident> fewer = without(shortest.plan().incidents(), from, chunk);
        from =
            stillFails(shortest.plan().with(shortest.plan().steps(), fewer)) ? from : from + chunk;
      }
    }
  }

  private void shrinkSteps() {
    for (int chunk = shortest.plan().steps().size() / 2; chunk > 0; chunk /= 2) {
      for (int from = 0; from < shortest.plan().steps().size(); ) {
        List<Step> fewer = without(shortest.plan().steps(), from, chunk);
        from =
            stillFails(shortest.plan().with(fewer, shortest.plan().incidents()))
                ? from
                : from + chunk;
      }
    }
  }

  private static <T> List<T> without(List<T> all, int from, int count) {
    List<T> fewer = new ArrayList<>(all.subList(0, from));
    fewer.addAll(all.subList(Math.min(all.size(), from + count), all.size()));
    return fewer;
  }

  private boolean stillFails(Plan plan) {
    if (runs++ >= RUNS_MAX || System.nanoTime() - end > 0) {
      return false;
    }
    Report report = runner.apply(plan);
    boolean fails = report.violations().stream().anyMatch(v -> v.rule() == rule);
    if (fails) {
      shortest = report;
    }
    return fails;
  }
}
