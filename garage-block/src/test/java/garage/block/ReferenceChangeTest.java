package garage.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.ReferenceChange.Verdict;
import garage.testkit.property.CrdtLaws;
import garage.testkit.property.Property;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The pure rules of references and deletion, tried on every sequence of events up to a length: two
 * data, each adding or releasing, and the collector, in every order.
 */
final class ReferenceChangeTest {
  private static final int EVENTS = 7;
  private static final int DELAY = 2;

  @Test
  void statesObeyTheLawsOfACrdt() {
    CrdtLaws.check("reference states", 200, g -> g.oneOf(List.of(ReferenceState.values())));
  }

  @Test
  void eachChangeCountsWhatItChanges() {
    for (ReferenceState before : ReferenceState.values()) {
      for (ReferenceState other : ReferenceState.values()) {
        ReferenceChange change = ReferenceChange.merging(before, other);
        boolean comes = before == ReferenceState.ABSENT && other == ReferenceState.PRESENT;
        boolean goes = before == ReferenceState.PRESENT && other == ReferenceState.RELEASED;
        assertEquals(comes ? 1 : goes ? -1 : 0, change.delta(), change + "");
        assertEquals(goes, change.queued());
        assertEquals(
            other == ReferenceState.RELEASED && before != ReferenceState.RELEASED, change.buried());
      }
      ReferenceState kept = ReferenceChange.forgetting(before).after();
      assertEquals(before == ReferenceState.RELEASED ? ReferenceState.ABSENT : before, kept);
    }
  }

  /** Three replicas, each with a part of the same messages, merge in any order. */
  @Test
  void aReleaseReachesReplicasThatMissedItAndNoLateAdditionUndoesIt() {
    Property.check(
        "references",
        300,
        g -> {
          List<Map<Integer, ReferenceState>> replicas = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            replicas.add(new TreeMap<>());
          }
          Set<Integer> released = new TreeSet<>();
          Set<Integer> added = new TreeSet<>();
          for (int i = 0; i < 40; i++) {
            int reference = g.between(0, 5);
            ReferenceState said = g.chance(0.6) ? ReferenceState.PRESENT : ReferenceState.RELEASED;
            (said == ReferenceState.PRESENT ? added : released).add(reference);
            replicas.get(g.between(0, 2)).merge(reference, said, ReferenceState::merge);
          }
          for (int i = 0; i < 30; i++) {
            replicas
                .get(g.between(0, 2))
                .forEach(
                    (r, s) -> replicas.get(g.between(0, 2)).merge(r, s, ReferenceState::merge));
          }
          for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 3; i++) {
              Map<Integer, ReferenceState> to = replicas.get((i + 1) % 3);
              replicas.get(i).forEach((r, s) -> to.merge(r, s, ReferenceState::merge));
            }
          }
          for (Map<Integer, ReferenceState> replica : replicas) {
            for (int reference : released) {
              assertEquals(ReferenceState.RELEASED, replica.get(reference));
            }
            added.removeAll(released);
            for (int reference : added) {
              assertEquals(ReferenceState.PRESENT, replica.get(reference));
            }
          }
        });
  }

  @Test
  void everySequenceOfEventsKeepsTheInvariants() {
    int kinds = 5;
    int sequences = (int) Math.pow(kinds, EVENTS);
    int deletions = 0;
    for (int sequence = 0; sequence < sequences; sequence++) {
      World world = new World();
      int rest = sequence;
      for (int i = 0; i < EVENTS; i++) {
        world.event(rest % kinds);
        rest /= kinds;
        world.check("sequence " + sequence + " at " + i);
      }
      world.runOut();
      world.check("sequence " + sequence + " at the end");
      assertEquals(world.rows.isEmpty(), !world.file, "sequence " + sequence + ": leaked or lost");
      assertTrue(world.queue.isEmpty());
      deletions += world.deletions;
    }
    assertTrue(deletions > 10_000, deletions + " deletions");
  }

  /** One block in a world without storage: time goes on by one at each event. */
  private static final class World {
    private final Set<Integer> rows = new HashSet<>();
    private final List<Integer> queue = new ArrayList<>();
    private int time = 1;
    private int count;
    private int latestDue;
    private int lastRelease;
    private int deletions;
    private boolean file;

    void event(int kind) {
      time++;
      switch (kind) {
        case 0, 1 -> add(kind);
        case 2, 3 -> release(kind - 2);
        default -> collect();
      }
    }

    /** A reference is made once: the next one of the same data is another one. */
    private void add(int data) {
      file = true;
      apply(ReferenceChange.merging(state(data), ReferenceState.PRESENT), data);
    }

    private void release(int data) {
      ReferenceChange change = ReferenceChange.merging(state(data), ReferenceState.RELEASED);
      if (change.queued()) {
        lastRelease = time;
        latestDue = time + DELAY;
        queue.add(latestDue);
      }
      apply(change, data);
    }

    private ReferenceState state(int data) {
      return rows.contains(data) ? ReferenceState.PRESENT : ReferenceState.ABSENT;
    }

    private void apply(ReferenceChange change, int data) {
      if (change.after() == ReferenceState.PRESENT) {
        assertEquals(!change.isNone(), rows.add(data));
      } else if (change.delta() < 0) {
        assertTrue(rows.remove(data));
      }
      count += change.delta();
    }

    private void collect() {
      if (queue.isEmpty() || queue.getFirst() > time) {
        return;
      }
      int due = queue.removeFirst();
      Verdict verdict = ReferenceChange.verdict(!rows.isEmpty(), due, latestDue);
      if (verdict == Verdict.DELETE) {
        assertTrue(time >= lastRelease + DELAY, "a block goes only after the whole delay");
        file = false;
        latestDue = 0;
        deletions++;
      }
    }

    void runOut() {
      time += DELAY;
      while (!queue.isEmpty()) {
        collect();
      }
    }

    void check(String where) {
      assertEquals(rows.size(), count, where);
      assertTrue(rows.isEmpty() || file, where + ": a referenced block is gone");
    }
  }
}
