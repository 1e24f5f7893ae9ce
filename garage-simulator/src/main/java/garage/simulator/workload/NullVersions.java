package garage.simulator.workload;

import garage.simulator.check.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The version without an id that each key has where versioning is suspended now and then: what it
 * may be. One that was acknowledged is there until another took its place, or its deletion did; a
 * write whose outcome is not known may do so at any later moment, or never.
 */
final class NullVersions {
  /** A deletion marker. */
  static final int MARKER = Operation.ABSENT;

  /** There is none. */
  static final int NOTHING = -1;

  /** An object that nobody has looked at. */
  static final int OBJECT = -2;

  /** A marker, or nothing. */
  static final int NO_OBJECT = -3;

  private final TreeMap<String, List<Write>> writes = new TreeMap<>();
  private final List<Seen> seen = new ArrayList<>();

  /** Something that may have made it {@code value}; {@code ended} is null if it is not known. */
  private record Write(int value, long began, @Nullable Long ended) {
    boolean endedBefore(long time) {
      return ended != null && ended < time;
    }
  }

  /** That somebody saw {@code value}, or one of those it stands for. */
  record Seen(String who, String key, int value, long began, long ended) {
    boolean isOf(int written) {
      return switch (value) {
        case OBJECT -> written > MARKER;
        case NO_OBJECT -> written <= MARKER;
        default -> written == value;
      };
    }
  }

  /** A write, or a deletion, that was acknowledged. */
  void written(String key, int value, long began, long ended) {
    add(key, new Write(value, began, ended));
  }

  /** One that may have taken effect, or may some day, and may be of another version. */
  void perhaps(String key, int value, long began) {
    add(key, new Write(value, began, null));
  }

  private void add(String key, Write write) {
    if (!Client.isFleeting(key)) {
      writes.computeIfAbsent(key, _ -> new ArrayList<>()).add(write);
    }
  }

  void seen(Seen what) {
    if (!Client.isFleeting(what.key())) {
      seen.add(what);
    }
  }

  /** Whether a key may ever have had one. */
  boolean isKnown(String key) {
    return writes.containsKey(key);
  }

  /** What was seen that cannot have been. */
  List<String> wrong() {
    return seen.stream().filter(s -> !mayBe(s)).map(s -> s + " of " + ofKey(s.key())).toList();
  }

  private List<Write> ofKey(String key) {
    return writes.getOrDefault(key, List.of());
  }

  private boolean mayBe(Seen what) {
    List<Write> before = ofKey(what.key()).stream().filter(w -> w.began() < what.ended()).toList();
    boolean never = before.stream().noneMatch(w -> w.endedBefore(what.began()));
    return (never && what.isOf(NOTHING))
        || before.stream().anyMatch(w -> what.isOf(w.value()) && !isReplaced(w, what, before));
  }

  private static boolean isReplaced(Write write, Seen what, List<Write> before) {
    return before.stream()
        .anyMatch(w -> w.endedBefore(what.began()) && write.endedBefore(w.began()));
  }
}
