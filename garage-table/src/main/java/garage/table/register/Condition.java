package garage.table.register;

import garage.common.time.Timestamp;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** What must hold of a key's version for a write to happen. */
@FunctionalInterface
public interface Condition<V> {
  /** Whether it holds; {@code current} is null if nothing was ever written, or a tombstone. */
  boolean holds(@Nullable V current);

  /** As above, for who must know more. */
  default boolean holds(@Nullable V current, Attempt attempt) {
    return holds(current);
  }

  /** What must hold of the version and the attempt, and is never asked without the attempt. */
  static <V> Condition<V> ofAttempt(BiPredicate<@Nullable V, Attempt> condition) {
    return new Condition<>() {
      @Override
      public boolean holds(@Nullable V current) {
        throw new IllegalStateException("asked with the attempt only");
      }

      @Override
      public boolean holds(@Nullable V current, Attempt attempt) {
        return condition.test(current, attempt);
      }
    };
  }

  /**
   * One evaluation.
   *
   * @param currentId the identity of the version it is of; zero for nothing
   * @param ballot promised: whatever is written after this comes above it, and this write, if its
   *     version is dated, has it for its date
   */
  record Attempt(Timestamp currentId, Timestamp ballot) {}
}
