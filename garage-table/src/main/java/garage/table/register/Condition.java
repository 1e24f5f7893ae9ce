package garage.table.register;

import org.jspecify.annotations.Nullable;

/** What must hold of a key's version for a write to happen. */
@FunctionalInterface
public interface Condition<V> {
  /** Whether it holds; {@code current} is null if nothing was ever written, or a tombstone. */
  boolean holds(@Nullable V current);
}
