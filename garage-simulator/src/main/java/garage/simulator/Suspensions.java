package garage.simulator;

import garage.simulator.workload.Action;
import garage.simulator.workload.Step;
import garage.testkit.env.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * In some of the plans whose bucket keeps versions its versioning is suspended and enabled again
 * while clients write. Drawn apart from the rest of a plan.
 */
final class Suspensions {
  private static final double SHARE = 0.3;

  private Suspensions() {}

  /** Whether there are any in a seed whose bucket keeps versions. */
  static boolean areIn(long seed) {
    return random(seed).chance(SHARE);
  }

  private static SeededRandom random(long seed) {
    return new SeededRandom(SeededRandom.mix(seed * 59 + 31));
  }

  /** So many in a time, by any of the clients from {@code first} on, the first perhaps at once. */
  static List<Step> draw(long seed, int count, long time, int first, Plan.Work work, int machines) {
    SeededRandom random = random(seed);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = i == 0 && random.chance(0.5) ? 0 : random.nextLong(time);
      int client = first + random.nextInt(work.clients() - first);
      Action change = new Action.SetVersioning(i > 0 && random.chance(0.5));
      steps.add(new Step(at, client, random.nextInt(machines), 1, change));
    }
    return steps;
  }
}
