package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.simulator.check.Violation;
import garage.simulator.check.Violation.Rule;
import garage.simulator.fault.Incident;
import garage.simulator.workload.Step;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plans are made shorter without losing what broke a promise. */
final class ShrinkerTest {
  @Test
  void leavesOnlyWhatTheFailureNeeds() {
    Plan plan = storm();
    Step first = plan.steps().get(7);
    Step second = plan.steps().get(plan.steps().size() - 3);
    Incident incident = plan.incidents().getLast();
    Report shortest =
        new Shrinker(
                failed(plan, true),
                p ->
                    failed(
                        p,
                        p.steps().contains(first)
                            && p.steps().contains(second)
                            && p.incidents().contains(incident)))
            .shrink();
    assertEquals(List.of(first, second), shortest.plan().steps());
    assertEquals(List.of(incident), shortest.plan().incidents());
  }

  @Test
  void keepsThePlanIfNothingShorterFails() {
    Plan plan = storm();
    Report shortest =
        new Shrinker(failed(plan, true), p -> failed(p, p.steps().size() == plan.steps().size()))
            .shrink();
    assertEquals(plan.steps(), shortest.plan().steps());
  }

  @Test
  void aShorterPlanIsRunAgainByItsArguments() {
    Plan plan = storm();
    Plan shorter = plan.with(plan.steps().subList(7, 12), List.of(plan.incidents().getLast()));
    List<String> words = List.of(Replay.of(shorter).arguments().split(" "));
    assertEquals("7,8,9,10,11", words.get(3));
    Replay replay =
        new Replay(
            Long.parseLong(words.get(1)), Replay.places(words.get(3)), Replay.places(words.get(5)));
    assertEquals(shorter, replay.plan());
    Plan nothing = plan.with(List.of(), List.of());
    assertEquals(nothing, Replay.of(nothing).plan());
  }

  private static Plan storm() {
    for (long seed = 1; ; seed++) {
      Plan plan = Planner.plan(seed);
      if (plan.steps().size() > 50 && plan.incidents().size() > 4) {
        assertTrue(plan.steps().size() < 500);
        return plan;
      }
    }
  }

  private static Report failed(Plan plan, boolean fails) {
    List<Violation> violations =
        fails ? List.of(new Violation(Rule.LINEARIZABLE, "made up")) : List.of();
    return new Report(plan, violations, Duration.ZERO, 0, 0, Map.of());
  }
}
