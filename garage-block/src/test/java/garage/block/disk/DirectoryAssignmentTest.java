package garage.block.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.DirectoryAssignment.Wanted;
import garage.common.error.GarageException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Sub-partitions follow capacities, move as little as that allows, and are found where they were.
 */
final class DirectoryAssignmentTest {
  private static List<DirectoryMap.Place> first(long... weights) {
    return DirectoryAssignment.assign(
        List.of(),
        IntStream.range(0, weights.length)
            .mapToObj(i -> new Wanted(weights[i], false, -1))
            .toList());
  }

  private static int count(List<DirectoryMap.Place> places, int directory) {
    return (int) places.stream().filter(p -> p.primary() == directory).count();
  }

  @Test
  void sharesFollowCapacities() {
    List<DirectoryMap.Place> places = first(1, 2, 5);
    assertEquals(128, count(places, 0));
    assertEquals(256, count(places, 1));
    assertEquals(640, count(places, 2));
  }

  @Test
  void nothingMovesWhenNothingChanges() {
    List<DirectoryMap.Place> places = first(3, 3, 3);
    List<Wanted> same =
        List.of(new Wanted(3, false, 0), new Wanted(3, false, 1), new Wanted(3, false, 2));
    assertEquals(places, DirectoryAssignment.assign(places, same));
  }

  @Test
  void aNewDirectoryTakesItsShareAndNothingElseMoves() {
    List<DirectoryMap.Place> before = first(1, 1);
    List<DirectoryMap.Place> after =
        DirectoryAssignment.assign(
            before,
            List.of(new Wanted(1, false, 0), new Wanted(1, false, 1), new Wanted(2, false, -1)));
    assertEquals(512, count(after, 2));
    for (int p = 0; p < before.size(); p++) {
      int old = before.get(p).primary();
      if (after.get(p).primary() == 2) {
        assertEquals(List.of(old), after.get(p).secondaries(), "where the blocks still are");
      } else {
        assertEquals(before.get(p), after.get(p));
      }
    }
  }

  @Test
  void aDirectoryThatTurnsReadOnlyKeepsItsBlocksAndGetsNoMore() {
    List<DirectoryMap.Place> before = first(1, 1);
    List<DirectoryMap.Place> after =
        DirectoryAssignment.assign(
            before, List.of(new Wanted(1, true, 0), new Wanted(1, false, 1)));
    assertEquals(0, count(after, 0));
    for (int p = 0; p < before.size(); p++) {
      boolean was = before.get(p).primary() == 0;
      assertEquals(was ? List.of(0) : List.of(), after.get(p).secondaries());
    }
  }

  @Test
  void aNewReadOnlyDirectoryIsSearchedForEverything() {
    List<DirectoryMap.Place> places =
        DirectoryAssignment.assign(
            List.of(), List.of(new Wanted(1, false, -1), new Wanted(9, true, -1)));
    assertTrue(places.stream().allMatch(p -> p.equals(new DirectoryMap.Place(0, List.of(1)))));
  }

  @Test
  void whatComesBackGetsBackWhatItHad() {
    List<DirectoryMap.Place> before = first(1, 1, 1);
    List<Wanted> without =
        List.of(new Wanted(1, false, 0), new Wanted(1, false, 1), new Wanted(1, true, 2));
    List<Wanted> with =
        List.of(new Wanted(1, false, 0), new Wanted(1, false, 1), new Wanted(1, false, 2));
    List<DirectoryMap.Place> after =
        DirectoryAssignment.assign(DirectoryAssignment.assign(before, without), with);
    int moved = 0;
    for (int p = 0; p < before.size(); p++) {
      moved += before.get(p).primary() == after.get(p).primary() ? 0 : 1;
    }
    assertTrue(moved <= 1, moved + " moved"); // the one that rounding deals out
  }

  @Test
  void onlyReadOnlyDirectoriesAreRefused() {
    assertThrows(
        GarageException.InvalidInput.class,
        () -> DirectoryAssignment.assign(List.of(), List.of(new Wanted(1, true, -1))));
  }

  @Test
  void randomChangesKeepSharesExactMovesMinimalAndBlocksFound() {
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Wanted> wanted = randomly(random, 0);
      List<DirectoryMap.Place> places = DirectoryAssignment.assign(List.of(), wanted);
      for (int round = 0; round < 4; round++) {
        List<Wanted> next = randomly(random, wanted.size());
        List<DirectoryMap.Place> after = DirectoryAssignment.assign(places, next);
        check("seed " + seed, places, after, next);
        places = after;
        wanted = next;
      }
    }
  }

  /** Some of the directories before, some new ones, one at least writable. */
  private static List<Wanted> randomly(SplittableRandom random, int before) {
    List<Wanted> wanted = new ArrayList<>();
    wanted.add(new Wanted(1 + random.nextInt(20), false, before > 0 ? 0 : -1));
    for (int i = 1; i < before; i++) {
      if (random.nextInt(5) > 0) {
        wanted.add(new Wanted(1 + random.nextInt(20), random.nextInt(6) == 0, i));
      }
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      wanted.add(new Wanted(1 + random.nextInt(20), random.nextInt(6) == 0, -1));
    }
    return wanted;
  }

  private static void check(
      String seed,
      List<DirectoryMap.Place> before,
      List<DirectoryMap.Place> after,
      List<Wanted> wanted) {
    double total = wanted.stream().filter(w -> !w.readOnly()).mapToDouble(Wanted::weight).sum();
    for (int d = 0; d < wanted.size(); d++) {
      double share = wanted.get(d).readOnly() ? 0 : 1024 * wanted.get(d).weight() / total;
      assertTrue(Math.abs(count(after, d) - share) < 1, seed);
      assertMovesAreNeeded(seed, before, after, wanted, d);
    }
    for (int p = 0; p < 1024; p++) {
      DirectoryMap.Place place = after.get(p);
      for (int home : homes(before.get(p))) {
        int now =
            IntStream.range(0, wanted.size())
                .filter(d -> wanted.get(d).before() == home)
                .findFirst()
                .orElse(-1);
        assertTrue(now < 0 || place.primary() == now || place.secondaries().contains(now), seed);
      }
      assertFalse(wanted.get(place.primary()).readOnly(), seed);
    }
  }

  /** A directory either gained sub-partitions or lost some, never both. */
  private static void assertMovesAreNeeded(
      String seed,
      List<DirectoryMap.Place> before,
      List<DirectoryMap.Place> after,
      List<Wanted> wanted,
      int d) {
    int old = wanted.get(d).before();
    int gained = 0;
    int lost = 0;
    for (int p = 0; p < 1024; p++) {
      boolean had = old >= 0 && before.get(p).primary() == old;
      boolean has = after.get(p).primary() == d;
      gained += has && !had ? 1 : 0;
      lost += had && !has ? 1 : 0;
    }
    assertTrue(gained == 0 || lost == 0, seed + ": gained " + gained + " and lost " + lost);
  }

  private static List<Integer> homes(DirectoryMap.Place place) {
    List<Integer> homes = new ArrayList<>(place.secondaries());
    homes.add(place.primary());
    return homes;
  }
}
