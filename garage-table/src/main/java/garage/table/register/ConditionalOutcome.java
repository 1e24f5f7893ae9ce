package garage.table.register;

import garage.common.time.Timestamp;
import org.jspecify.annotations.Nullable;

/** How a conditional write ended, if it ended. */
public sealed interface ConditionalOutcome<V> {
  /**
   * The condition held and the write took effect as the version {@code id}; with {@link Dating}, as
   * the version of that date, and so below.
   */
  record Written<V>(Timestamp id) implements ConditionalOutcome<V> {}

  /**
   * The condition did not hold of {@code current}, and never will have.
   *
   * @param leftover the identity of a version that some replica may have taken for its own, though
   *     it never took effect; null if there is none
   */
  record NotHeld<V>(@Nullable V current, @Nullable Timestamp leftover)
      implements ConditionalOutcome<V> {}
}
