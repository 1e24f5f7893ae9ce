package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Seeds: those that failed once, a fixed batch, and some that nobody has run before. */
final class SeedsTest {
  private static final int FIXED = 24;

  /** Of a seed on average: a plan of rot may be a few writes and reads. */
  private static final int ANSWERS_MIN = 50;

  private static final int FRESH = Integer.getInteger("garage.freshSeeds", 8);

  @Test
  void noSeedOfTheFixedBatchBreaksAPromise() {
    expectGood(1, FIXED);
  }

  /**
   * Seeds that nobody has run before, drawn from what the code does: a change of behaviour brings
   * new ones, and a build that failed fails again until something is changed.
   */
  @Test
  void noFreshSeedBreaksAPromise() {
    long digest = new Run(Planner.plan(1)).execute().digest();
    long first = Math.floorMod(digest, 1_000_000_000L);
    System.out.println("fresh seeds from " + first);
    expectGood(first, FRESH);
  }

  @Test
  void noSeedThatFailedOnceFailsAgain() throws IOException {
    List<String> lines;
    try (BufferedReader seeds =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(SeedsTest.class.getResourceAsStream("seeds.txt")),
                StandardCharsets.UTF_8))) {
      lines = seeds.lines().filter(line -> !line.startsWith("#")).toList();
    }
    assertTrue(lines.size() > 1);
    for (String line : lines) {
      int answers = answersOfGood(Long.parseLong(line.split(" ", 2)[0]));
      assertTrue(answers > 0, "no work was done: " + line);
    }
  }

  @Test
  void equalSeedsGiveEqualRuns() {
    for (long seed : new long[] {2, 9}) {
      Report one = new Run(Planner.plan(seed)).execute();
      Report other = new Run(Planner.plan(seed)).execute();
      assertEquals(one.digest(), other.digest(), "seed " + seed);
      assertEquals(one.answers(), other.answers());
    }
  }

  /** Runs {@code count} seeds; calm ones, which take minutes of a core together, are left out. */
  private static void expectGood(long from, int count) {
    int done = 0;
    int answers = 0;
    for (long seed = from; done < count; seed++) {
      if (!Planner.plan(seed).isCalm()) {
        answers += answersOfGood(seed);
        done++;
      }
    }
    assertTrue(answers > count * ANSWERS_MIN, "little work was done: " + answers + " answers");
  }

  /** Runs a seed, with a shorter ending; answers how many answers its clients had. */
  private static int answersOfGood(long seed) {
    Plan plan = Planner.plan(seed);
    Plan shorter = plan.ending() == Plan.Ending.DELETED ? plan.with(Plan.Ending.SETTLED) : plan;
    if (plan.work().expires()) {
      shorter = plan.with(Plan.Ending.READ); // that alone takes some days of its lifecycle
    }
    Report report = new Run(shorter).execute();
    assertTrue(
        report.good(),
        () -> "scripts/simulate --seed " + seed + "\n" + report.violations().getFirst());
    return report.answers().values().stream().mapToInt(n -> n).sum();
  }
}
