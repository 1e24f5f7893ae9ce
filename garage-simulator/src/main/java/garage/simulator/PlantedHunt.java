package garage.simulator;

import garage.simulator.planted.PlantedBug;
import java.io.PrintStream;
import java.util.function.BiFunction;

/** Runs seeds against a planted bug until one finds it. */
final class PlantedHunt {
  private final PrintStream out;

  PlantedHunt(PrintStream out) {
    this.out = out;
  }

  /**
   * Answers whether a seed from {@code from} on, of {@code count}, finds {@code bug}. Calm runs are
   * for bugs that need time; where they are left out they are not counted.
   */
  @SuppressWarnings("unchecked") // the class of another loader
  boolean hunt(PlantedBug bug, long from, long count) {
    var seeds = (BiFunction<Long, Boolean, String>) seeds(bug);
    long tried = 0;
    for (long seed = from; tried < count; seed++) {
      String found = seeds.apply(seed, !bug.needsTime());
      if (found.equals(OneSeed.SKIPPED)) {
        continue;
      }
      tried++;
      if (!found.isEmpty()) {
        String line = found.lines().findFirst().orElse("");
        out.printf("%-24s found by seed %d after %d seeds: %.100s%n", bug, seed, tried, line);
        out.flush();
        return true;
      }
    }
    out.printf("%-24s NOT FOUND in %d seeds: %s%n", bug, count, bug.what());
    return false;
  }

  private static Object seeds(PlantedBug bug) {
    try {
      return bug.loader().loadClass(OneSeed.class.getName()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
