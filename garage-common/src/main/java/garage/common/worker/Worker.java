package garage.common.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A background activity, done in bounded units by one task of a {@link WorkerRunner}. */
public interface Worker {
  /** What it is called in lists and logs; unique in its node. */
  String name();

  /**
   * Does one bounded unit of work. A {@link garage.common.error.GarageException} thrown here is
   * kept as the worker's last error, and the worker is tried again after a growing pause.
   */
  WorkerState step();

  /** How much waits to be done, or -1 if it cannot tell. */
  default long queueLength() {
    return -1;
  }

  /** How far it has come, in a few characters such as {@code 42.5%}; null if it has no end. */
  default @Nullable String progress() {
    return null;
  }

  /** How many things failed and are tried again later, or -1 if it keeps no such list. */
  default long persistentErrors() {
    return -1;
  }

  /** Further lines for the operator. */
  default List<String> details() {
    return List.of();
  }
}
