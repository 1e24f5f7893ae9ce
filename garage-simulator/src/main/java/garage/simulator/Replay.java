package garage.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is to be run again: a seed, and of its plan these steps and faults alone.
 *
 * @param steps their places in the plan; null for all
 * @param faults likewise
 */
record Replay(long seed, @Nullable List<Integer> steps, @Nullable List<Integer> faults) {
  /** For none of them, on a command line. */
  private static final String NONE = "none";

  /** The whole plan of a seed. */
  static Replay of(long seed) {
    return new Replay(seed, null, null);
  }

  /** What makes {@code shorter} of the plan of its seed. */
  static Replay of(Plan shorter) {
    Plan whole = Planner.plan(shorter.seed());
    return new Replay(
        shorter.seed(),
        places(whole.steps(), shorter.steps()),
        places(whole.incidents(), shorter.incidents()));
  }

  private static <T> List<Integer> places(List<T> all, List<T> some) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < all.size() && places.size() < some.size(); i++) {
      if (all.get(i).equals(some.get(places.size()))) {
        places.add(i);
      }
    }
    return places;
  }

  Plan plan() {
    Plan whole = Planner.plan(seed);
    return steps == null && faults == null
        ? whole
        : whole.with(only(whole.steps(), steps), only(whole.incidents(), faults));
  }

  private static <T> List<T> only(List<T> all, @Nullable List<Integer> places) {
    return places == null ? all : places.stream().map(all::get).toList();
  }

  /** The arguments of {@code scripts/simulate} for it. */
  String arguments() {
    return "--seed " + seed + " --steps " + text(steps) + " --faults " + text(faults);
  }

  private static String text(@Nullable List<Integer> places) {
    if (places == null) {
      return "all";
    }
    return places.isEmpty()
        ? NONE
        : places.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** The places a command line names; null for all. */
  static @Nullable List<Integer> places(String text) {
    return switch (text) {
      case "all" -> null;
      case NONE -> List.of();
      default -> Arrays.stream(text.split(",")).map(Integer::valueOf).toList();
    };
  }
}
