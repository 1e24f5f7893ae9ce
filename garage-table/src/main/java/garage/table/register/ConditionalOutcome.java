package garage.table.register;

import garage.common.time.Timestamp;
import org.jspecify.annotations.Nullable;

/** How a conditional write ended, if it ended. */
public sealed interface ConditionalOutcome<V> {
  /** The condition held and the write took effect as the version {@code id}. */
  record Written<V>(Timestamp id) implements ConditionalOutcome<V> {}

  /** The condition did not hold of {@code current}; nothing was written. */
  record NotHeld<V>(@Nullable V current) implements ConditionalOutcome<V> {}
}
