package garage.simulator.check;

import garage.testkit.env.SeededRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What clients did to one key and what they were told, and whether some order of the operations
 * explains it, in which each takes effect at one moment between its begin and its end.
 *
 * <p>The search is that of Wing and Gong (Testing and verifying concurrent objects, 1993) with
 * Lowe's memory of configurations (Testing for linearizability, 2017) in the form Porcupine gave
 * it: a list of begins and ends in the order of time; the first operation that is possible is taken
 * out of the list, and the search goes on from its head; an end that is met before its operation
 * was taken means that the last choice was wrong. A configuration is the set of operations taken
 * and the state; of those that must take effect a 128-bit sum of random numbers is remembered, one
 * for each operation.
 *
 * <p>An operation of unknown outcome may take effect at any time after it began, or never. It has
 * no end in the list, and is tried after all that must take effect: most never mattered. Three
 * rules keep their number from being an exponent. What can be explained from a configuration can be
 * from one that differs from it only in that fewer of them were taken. What a write overwrites at
 * once need not have happened. And of several whose values nothing in the history tells apart, the
 * one that began first does for any.
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

  /** The operations taken of those that must take effect, as a sum, and the state. */
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

  /** What was chosen, to be undone; {@code unknown} is its place among those of unknown outcome. */
  private record Choice(Entry entry, int unknown, int stateBefore) {
    boolean isRequired() {
      return unknown < 0;
    }
  }

  /**
   * An operation of unknown outcome. Those of one {@code kind} can stand for each other: nothing in
   * the history tells their values apart.
   */
  private record Unknown(Entry entry, int kind) {}

  private final class Search {
    private final Entry head = new Entry(-1, false);
    private final List<Unknown> unknown = new ArrayList<>();
    private final BitSet taken = new BitSet();
    private final long[] first = new long[events.size()];
    private final long[] second = new long[events.size()];
    private final Map<Configuration, List<BitSet>> seen = new HashMap<>();
    private final List<Choice> choices = new ArrayList<>();
    private int configurations;
    private int required;
    private int state = Operation.ABSENT;
    private long firstSum;
    private long secondSum;

    Search() {
      SeededRandom random = new SeededRandom(events.size());
      record Moment(long time, boolean begin, Entry entry) {}
      List<Moment> moments = new ArrayList<>();
      List<Entry> endless = new ArrayList<>();
      for (int i = 0; i < events.size(); i++) {
        first[i] = random.nextLong();
        second[i] = random.nextLong();
        Event event = events.get(i);
        Entry begin = new Entry(i, true);
        if (event.ended == UNKNOWN) {
          endless.add(begin);
        } else {
          required++;
          begin.end = new Entry(i, false);
          moments.add(new Moment(event.began, true, begin));
          moments.add(new Moment(event.ended, false, begin.end));
        }
      }
      endless.sort(Comparator.comparingLong(e -> events.get(e.event).began));
      Map<List<Object>, Integer> kinds = new HashMap<>();
      for (Entry entry : endless) {
        List<Object> seenOf = told(entry.event);
        unknown.add(new Unknown(entry, kinds.computeIfAbsent(seenOf, _ -> kinds.size())));
      }
      // At one instant begins come first: operations that touch are taken as concurrent.
      moments.sort(Comparator.comparingLong(Moment::time).thenComparingInt(m -> m.begin ? 0 : 1));
      moments.forEach(moment -> moment.entry.insertBefore(head));
    }

    /** All that the history's operations say of the value that this one writes. */
    private List<Object> told(int event) {
      if (!(events.get(event).operation instanceof Operation.Write(int value))) {
        return List.of(event);
      }
      List<Object> told = new ArrayList<>();
      for (Event other : events) {
        switch (other.operation) {
          case Operation.Read(int read) -> told.add(read == value);
          case Operation.Swap(Operation.Expectation expected, int _) ->
              told.add(expected.of(value));
          case Operation.Refused(Operation.Expectation expected) -> told.add(expected.of(value));
          case Operation.Write _ -> {}
        }
      }
      told.add(value == Operation.ABSENT);
      return told;
    }

    Verdict run() {
      Entry entry = head.next;
      while (required > 0) {
        if (configurations > CONFIGURATIONS_MAX) {
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
      if (!operation.possible(state) || overwritesUnseen(operation) || !isNew(entry, -1)) {
        return false;
      }
      choose(entry, -1);
      entry.remove();
      entry.end.remove();
      required--;
      return true;
    }

    private boolean takeUnknown(int from, long before) {
      for (int i = from; i < unknown.size(); i++) {
        Entry entry = unknown.get(i).entry;
        Event event = events.get(entry.event);
        if (event.began > before) {
          return false;
        }
        if (!taken.get(i)
            && event.operation.possible(state)
            && event.operation.after(state) != state
            && !overwritesUnseen(event.operation)
            && isFirstOfKind(i)
            && isNew(entry, i)) {
          choose(entry, i);
          return true;
        }
      }
      return false;
    }

    /** Whether it writes over what an operation of unknown outcome has just written. */
    private boolean overwritesUnseen(Operation operation) {
      return operation instanceof Operation.Write
          && !choices.isEmpty()
          && !choices.getLast().isRequired();
    }

    private boolean isFirstOfKind(int place) {
      int kind = unknown.get(place).kind;
      for (int i = taken.nextClearBit(0); i < place; i = taken.nextClearBit(i + 1)) {
        if (unknown.get(i).kind == kind) {
          return false;
        }
      }
      return true;
    }

    /**
     * Whether nothing at least as good as what {@code entry} would lead to was looked at before.
     */
    private boolean isNew(Entry entry, int place) {
      int after = events.get(entry.event).operation.after(state);
      BitSet with = (BitSet) taken.clone();
      Configuration configuration = new Configuration(firstSum, secondSum, after);
      if (place >= 0) {
        with.set(place);
      } else {
        configuration =
            new Configuration(
                firstSum + first[entry.event], secondSum + second[entry.event], after);
      }
      List<BitSet> before = seen.computeIfAbsent(configuration, _ -> new ArrayList<>(1));
      for (BitSet fewer : before) {
        if (isWithin(fewer, with)) {
          return false;
        }
      }
      before.removeIf(more -> isWithin(with, more));
      before.add(with);
      configurations++;
      return true;
    }

    private static boolean isWithin(BitSet some, BitSet all) {
      for (int i = some.nextSetBit(0); i >= 0; i = some.nextSetBit(i + 1)) {
        if (!all.get(i)) {
          return false;
        }
      }
      return true;
    }

    private void choose(Entry entry, int place) {
      choices.add(new Choice(entry, place, state));
      state = events.get(entry.event).operation.after(state);
      if (place >= 0) {
        taken.set(place);
      } else {
        firstSum += first[entry.event];
        secondSum += second[entry.event];
      }
    }

    /** Takes the last choice back; answers where to go on, or null if there was none. */
    private @Nullable Entry undo() {
      while (!choices.isEmpty()) {
        Choice last = choices.removeLast();
        Entry entry = last.entry;
        state = last.stateBefore;
        if (last.isRequired()) {
          firstSum -= first[entry.event];
          secondSum -= second[entry.event];
          entry.end.restore();
          entry.restore();
          required++;
          return entry.next;
        }
        taken.clear(last.unknown);
        if (takeUnknown(last.unknown + 1, events.get(firstEnd().event).ended)) {
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
