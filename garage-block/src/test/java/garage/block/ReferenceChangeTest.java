package garage.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.ReferenceChange.Row;
import garage.block.ReferenceChange.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The pure rules of references and deletion, tried on every sequence of events up to a length: two
 * data, each adding or releasing, and the collector, in every order.
 */
final class ReferenceChangeTest {
  private static final int EVENTS = 7;
  private static final int DELAY = 2;

  @Test
  void addingTwiceCountsOnceAndReleasingWhatIsNotThereCountsNothing() {
    assertEquals(new ReferenceChange(Row.PUT, 1, false), ReferenceChange.adding(false));
    assertEquals(new ReferenceChange(Row.UNCHANGED, 0, false), ReferenceChange.adding(true));
    assertEquals(new ReferenceChange(Row.DELETE, -1, true), ReferenceChange.releasing(true));
    assertEquals(new ReferenceChange(Row.UNCHANGED, 0, false), ReferenceChange.releasing(false));
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

    private void add(int data) {
      file = true;
      ReferenceChange change = ReferenceChange.adding(rows.contains(data));
      apply(change, data);
    }

    private void release(int data) {
      ReferenceChange change = ReferenceChange.releasing(rows.contains(data));
      if (change.queued()) {
        lastRelease = time;
        latestDue = time + DELAY;
        queue.add(latestDue);
      }
      apply(change, data);
    }

    private void apply(ReferenceChange change, int data) {
      switch (change.row()) {
        case PUT -> assertTrue(rows.add(data));
        case DELETE -> assertTrue(rows.remove(data));
        case UNCHANGED -> {}
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
