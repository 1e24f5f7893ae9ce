package garage.simulator.check;

import garage.testkit.env.SeededRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What clients did to one key and what they were told, and whether some order of the operations
 * explains it, in which each takes effect at one moment between its begin and its end.
 *
 * <p>The search is that of Wing and Gong (Testing and verifying concurrent objects, 1993) with
 * Lowe's memory of configurations (Testing for linearizability, 2017) in the form Porcupine gave
 * it: a list of begins and ends in the order of time; the first operation that is possible is taken
 * out of the list, and the search goes on from its head; an end that is met before its operation
 * was taken means that the last choice was wrong. A configuration is the set of operations taken
 * and the state; it is remembered as a 128-bit sum of random numbers, one for each operation.
 *
 * <p>An operation of unknown outcome may take effect at any time after it began, or never. It has
 * no end in the list, and is tried after all that must take effect: most never mattered.
 */
public final class KeyHistory {
  /** Configurations looked at before the search gives up; some seconds. */
  private static final int CONFIGURATIONS_MAX = 3_000_000;

  private static final long UNKNOWN = Long.MAX_VALUE;

  private final List<Event> events = new ArrayList<>();

  /** An operation between two moments; without an end if its outcome is unknown. */
  private record Event(Operation operation, long began, long ended) {}

  /** How a search ended. */
  public enum Verdict {
    LINEARIZABLE,
    /** No order explains the history. */
    VIOLATED,
    /** The search was given up. */
    UNDECIDED
  }

  /** Adds an operation whose outcome is known. */
  public void add(Operation operation, long began, long ended) {
    events.add(new Event(operation, began, ended));
  }

  /** Adds one that may have taken effect, or may still. */
  public void addUnknown(Operation operation, long began) {
    events.add(new Event(operation, began, UNKNOWN));
  }

  /** How many operations there are. */
  public int size() {
    return events.size();
  }

  /** Looks for an order that explains everything. */
  public Verdict check() {
    return new Search().run();
  }

  /** Four longs are one configuration's fingerprint and state. */
  private record Configuration(long first, long second, int state) {}

  /** A begin or an end in the list. */
  private static final class Entry {
    private final int event;
    private final boolean begin;
    private Entry previous = this;
    private Entry next = this;
    private Entry end = this;

    Entry(int event, boolean begin) {
      this.event = event;
      this.begin = begin;
    }

    void insertBefore(Entry other) {
      previous = other.previous;
      next = other;
      previous.next = this;
      next.previous = this;
    }

    void remove() {
      previous.next = next;
      next.previous = previous;
    }

    void restore() {
      previous.next = this;
      next.previous = this;
    }
  }

  /** What was chosen, to be undone. */
  private record Choice(Entry entry, int stateBefore) {}

  private final class Search {
    private final Entry head = new Entry(-1, false);
    private final List<Entry> unknown = new ArrayList<>();
    private final boolean[] taken = new boolean[events.size()];
    private final long[] first = new long[events.size()];
    private final long[] second = new long[events.size()];
    private final Set<Configuration> seen = new HashSet<>();
    private final List<Choice> choices = new ArrayList<>();
    private int required;
    private int state = Operation.ABSENT;
    private long firstSum;
    private long secondSum;

    Search() {
      SeededRandom random = new SeededRandom(events.size());
      record Moment(long time, boolean begin, Entry entry) {}
      List<Moment> moments = new ArrayList<>();
      for (int i = 0; i < events.size(); i++) {
        first[i] = random.nextLong();
        second[i] = random.nextLong();
        Event event = events.get(i);
        Entry begin = new Entry(i, true);
        if (event.ended == UNKNOWN) {
          unknown.add(begin);
        } else {
          required++;
          begin.end = new Entry(i, false);
          moments.add(new Moment(event.began, true, begin));
          moments.add(new Moment(event.ended, false, begin.end));
        }
      }
      unknown.sort(Comparator.comparingLong(e -> events.get(e.event).began));
      // At one instant begins come first: operations that touch are taken as concurrent.
      moments.sort(Comparator.comparingLong(Moment::time).thenComparingInt(m -> m.begin ? 0 : 1));
      moments.forEach(moment -> moment.entry.insertBefore(head));
    }

    Verdict run() {
      Entry entry = head.next;
      while (required > 0) {
        if (seen.size() > CONFIGURATIONS_MAX) {
          return Verdict.UNDECIDED;
        }
        if (entry.begin) {
          entry = take(entry) ? head.next : entry.next;
          continue;
        }
        // An end: what ends here was not possible yet; perhaps something unknown came before.
        if (takeUnknown(0, events.get(entry.event).ended)) {
          entry = head.next;
          continue;
        }
        Entry again = undo();
        if (again == null) {
          return Verdict.VIOLATED;
        }
        entry = again;
      }
      return Verdict.LINEARIZABLE;
    }

    private boolean take(Entry entry) {
      Operation operation = events.get(entry.event).operation;
      if (!operation.possible(state) || !isNew(entry, operation)) {
        return false;
      }
      choose(entry, operation);
      entry.remove();
      entry.end.remove();
      required--;
      return true;
    }

    private boolean takeUnknown(int from, long before) {
      for (int i = from; i < unknown.size(); i++) {
        Entry entry = unknown.get(i);
        Event event = events.get(entry.event);
        if (event.began > before) {
          return false;
        }
        if (!taken[entry.event]
            && event.operation.possible(state)
            && event.operation.after(state) != state
            && isNew(entry, event.operation)) {
          choose(entry, event.operation);
          return true;
        }
      }
      return false;
    }

    private boolean isNew(Entry entry, Operation operation) {
      return seen.add(
          new Configuration(
              firstSum + first[entry.event],
              secondSum + second[entry.event],
              operation.after(state)));
    }

    private void choose(Entry entry, Operation operation) {
      choices.add(new Choice(entry, state));
      state = operation.after(state);
      firstSum += first[entry.event];
      secondSum += second[entry.event];
      taken[entry.event] = true;
    }

    /** Takes the last choice back; answers where to go on, or null if there was none. */
    private @org.jspecify.annotations.Nullable Entry undo() {
      while (!choices.isEmpty()) {
        Choice last = choices.removeLast();
        Entry entry = last.entry;
        state = last.stateBefore;
        firstSum -= first[entry.event];
        secondSum -= second[entry.event];
        taken[entry.event] = false;
        if (entry.end != entry) {
          entry.end.restore();
          entry.restore();
          required++;
          return entry.next;
        }
        Entry blocked = firstEnd();
        if (takeUnknown(unknown.indexOf(entry) + 1, events.get(blocked.event).ended)) {
          return head.next;
        }
      }
      return null;
    }

    private Entry firstEnd() {
      Entry entry = head.next;
      while (entry.begin) {
        entry = entry.next;
      }
      return entry;
    }
  }
}
