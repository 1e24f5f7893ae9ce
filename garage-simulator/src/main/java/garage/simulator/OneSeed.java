package garage.simulator;

import garage.simulator.planted.Awake;
import garage.simulator.planted.PlantedBug;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Runs one seed with a planted bug and answers what went wrong, empty if nothing: across class
 * loaders, so that words are all that passes.
 */
public final class OneSeed implements BiFunction<Long, String, String> {
  /** After the name of a bug: to look for the shortest plan that shows it. */
  static final String SHRINK = "shrink";

  /** {@code asked} is the name of a bug; then what to do, or the steps and the faults to keep. */
  @Override
  public String apply(Long seed, String asked) {
    List<String> words = List.of(asked.split(" "));
    Awake.wakeLater(PlantedBug.valueOf(words.getFirst()));
    try {
      Replay replay =
          words.size() < 3
              ? Replay.of(seed)
              : new Replay(seed, Replay.places(words.get(1)), Replay.places(words.get(2)));
      Report report = new Run(replay.plan()).execute();
      if (report.good()) {
        return "";
      }
      return words.contains(SHRINK)
          ? shortest(report, words.getFirst())
          : report.violations().getFirst().toString();
    } finally {
      Awake.sleep();
    }
  }

  private static String shortest(Report report, String bug) {
    Report shortest = new Shrinker(report, plan -> new Run(plan).execute()).shrink();
    return "%s%n%s%nreplay: scripts/simulate --planted %s %s"
        .formatted(
            shortest.plan(),
            shortest.violations().getFirst(),
            bug,
            Replay.of(shortest.plan()).arguments());
  }
}
