package garage.simulator;

import garage.simulator.planted.PlantedBug;
import java.io.PrintStream;
import java.util.function.LongFunction;

/** Runs seeds against a planted bug until one finds it. */
final class PlantedHunt {
  private final PrintStream out;

  PlantedHunt(PrintStream out) {
    this.out = out;
  }

  /** Answers whether a seed from {@code from} on, of {@code count}, finds {@code bug}. */
  boolean hunt(PlantedBug bug, long from, long count) {
    LongFunction<?> seeds = seeds(bug);
    for (long i = 0; i < count; i++) {
      String found = String.valueOf(seeds.apply(from + i));
      if (!found.isEmpty()) {
        String line = found.lines().findFirst().orElse("");
        out.printf("%-24s found by seed %d after %d seeds: %.100s%n", bug, from + i, i + 1, line);
        out.flush();
        return true;
      }
    }
    out.printf("%-24s NOT FOUND in %d seeds: %s%n", bug, count, bug.what());
    return false;
  }

  private static LongFunction<?> seeds(PlantedBug bug) {
    try {
      return (LongFunction<?>)
          bug.loader().loadClass(OneSeed.class.getName()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
