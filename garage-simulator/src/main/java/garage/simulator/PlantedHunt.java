package garage.simulator;

import garage.simulator.planted.PlantedBug;
import java.io.PrintStream;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Runs seeds against planted bugs until one finds them. */
final class PlantedHunt {
  private final PrintStream out;
  private final BiFunction<Long, String, String> seeds;

  @SuppressWarnings("unchecked") // the class of another loader
  PlantedHunt(PrintStream out) {
    this.out = out;
    try {
      this.seeds =
          (BiFunction<Long, String, String>)
              PlantedBug.loader()
                  .loadClass(OneSeed.class.getName())
                  .getDeclaredConstructor()
                  .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Answers whether one of {@code count} seeds finds {@code bug}, of the kind that is after bugs of
   * its sort, from the one of number {@code from} on.
   */
  boolean hunt(PlantedBug bug, long from, long count) {
    SharpPlanner.Kind sharp = kind(bug);
    String kind = sharp == null ? "UPKEEP" : sharp.name();
    for (long n = from; n < from + count; n++) {
      long seed = sharp == null ? UpkeepPlanner.seed(n) : sharp.seed(n);
      String found = seeds.apply(seed, bug.name());
      if (!found.isEmpty()) {
        String line = found.lines().findFirst().orElse("");
        out.printf("%-24s %4d of %-10s seed %d: %.90s%n", bug, n - from + 1, kind, seed, line);
        out.flush();
        return true;
      }
    }
    out.printf("%-24s NOT FOUND in %d seeds of %s: %s%n", bug, count, kind, bug.what());
    out.flush();
    return false;
  }

  /** Runs one seed, or a part of its plan, and tells how it fails; answers whether it does. */
  boolean show(PlantedBug bug, Replay replay) {
    boolean whole = replay.steps() == null && replay.faults() == null;
    String words =
        whole
            ? OneSeed.SHRINK
            : replay.arguments().replaceAll("--seed \\d+ |--steps |--faults ", "");
    String found = seeds.apply(replay.seed(), bug.name() + " " + words);
    out.println(found.isEmpty() ? bug + " is not found" : found);
    return !found.isEmpty();
  }

  /** The kind of sharp plans that is after a bug; null if those of operators are. */
  private static SharpPlanner.@Nullable Kind kind(PlantedBug bug) {
    return switch (bug.shows()) {
      case RACES -> SharpPlanner.Kind.BOUTS;
      case SEVERAL_SETS -> SharpPlanner.Kind.WIDE_BOUTS;
      case ABSENCE -> SharpPlanner.Kind.GRAVES;
      case DELAYS -> SharpPlanner.Kind.LEAKS;
      case SPOILT_FILES -> SharpPlanner.Kind.ROT;
      case UPKEEP -> null;
    };
  }
}
