package garage.table.register;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What clients did to one register and what they were told, and whether some order of the
 * operations explains it: Wing and Gong's search with Lowe's memory of configurations seen. An
 * operation of unknown outcome may take effect at any time after it began, or never.
 */
final class History {
  /** An operation, seen from outside; values are texts, null is nothing. */
  sealed interface Operation {
    record Write(@Nullable String value) implements Operation {}

    record Read(@Nullable String seen) implements Operation {}

    /** A conditional write that found {@code expected} and wrote {@code value}. */
    record Swap(@Nullable String expected, @Nullable String value) implements Operation {}

    /** A conditional write refused because something other than {@code expected} was there. */
    record Refused(@Nullable String expected) implements Operation {}
  }

  private record Event(Operation operation, long began, long ended) {}

  private final List<Event> events = new ArrayList<>();

  void add(Operation operation, long began, long ended) {
    events.add(new Event(operation, began, ended));
  }

  void addUnknown(Operation operation, long began) {
    events.add(new Event(operation, began, Long.MAX_VALUE));
  }

  int size() {
    return events.size();
  }

  boolean isLinearizable() {
    return search((1L << events.size()) - 1, null, new HashSet<>());
  }

  private record Configuration(long left, @Nullable String value) {}

  private boolean search(long left, @Nullable String value, Set<Configuration> seen) {
    boolean onlyUnknown = true;
    long firstEnd = Long.MAX_VALUE;
    for (int i = 0; i < events.size(); i++) {
      if ((left >> i & 1) == 1) {
        onlyUnknown &= events.get(i).ended == Long.MAX_VALUE;
        firstEnd = Math.min(firstEnd, events.get(i).ended);
      }
    }
    if (onlyUnknown) {
      return true;
    }
    if (!seen.add(new Configuration(left, value))) {
      return false;
    }
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      if ((left >> i & 1) == 1 && event.began <= firstEnd && allowed(event.operation, value)) {
        if (search(left & ~(1L << i), after(event.operation, value), seen)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean allowed(Operation operation, @Nullable String value) {
    return switch (operation) {
      case Operation.Write _ -> true;
      case Operation.Read(String seen) -> Objects.equals(seen, value);
      case Operation.Swap(String expected, String _) -> Objects.equals(expected, value);
      case Operation.Refused(String expected) -> !Objects.equals(expected, value);
    };
  }

  private static @Nullable String after(Operation operation, @Nullable String value) {
    return switch (operation) {
      case Operation.Write(String written) -> written;
      case Operation.Swap(String _, String written) -> written;
      case Operation.Read _, Operation.Refused _ -> value;
    };
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Event event : events) {
      text.append(event).append('\n');
    }
    return text.toString();
  }
}
