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
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Seeds: those that failed once, a fixed batch, and some that nobody has run before. */
final class SeedsTest {
  private static final int FIXED = 30;

  /** Fresh seeds are for a machine that searches: what one of them finds is no news of a change. */
  private static final int FRESH = Integer.getInteger("garage.freshSeeds", 0);

  @Test
  void noSeedOfTheFixedBatchBreaksAPromise() {
    for (long seed = 1; seed <= FIXED; seed++) {
      expectGood(seed);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "garage.freshSeeds", matches = "[0-9]+")
  void noFreshSeedBreaksAPromise() {
    long first = System.currentTimeMillis() % 1_000_000_000L;
    System.out.println("fresh seeds from " + first);
    for (int i = 0; i < FRESH; i++) {
      expectGood(first + i);
    }
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
      expectGood(Long.parseLong(line.split(" ", 2)[0]));
    }
  }

  @Test
  void equalSeedsGiveEqualRuns() {
    for (long seed : new long[] {2, 13}) {
      Report one = new Run(Planner.plan(seed)).execute();
      Report other = new Run(Planner.plan(seed)).execute();
      assertEquals(one.digest(), other.digest(), "seed " + seed);
      assertEquals(one.answers(), other.answers());
    }
  }

  private static void expectGood(long seed) {
    Report report = new Run(Planner.plan(seed).with(Plan.Ending.READ)).execute();
    assertTrue(
        report.good(),
        () -> "scripts/simulate --seed " + seed + "\n" + report.violations().getFirst());
    assertTrue(report.answers().values().stream().mapToInt(n -> n).sum() > 20, "work was done");
  }
}
