package garage.simulator;

import garage.simulator.planted.Awake;
import garage.simulator.planted.PlantedBug;
import java.util.function.BiFunction;

/**
 * Runs one seed with a planted bug, if it is given the name of one, and answers what went wrong,
 * empty if nothing: across class loaders.
 */
public final class OneSeed implements BiFunction<Long, String, String> {
  @Override
  public String apply(Long seed, String bug) {
    if (!bug.isEmpty()) {
      Awake.wakeLater(PlantedBug.valueOf(bug));
    }
    try {
      Report report = new Run(Planner.plan(seed)).execute();
      return report.good() ? "" : report.violations().getFirst().toString();
    } finally {
      Awake.sleep();
    }
  }
}
