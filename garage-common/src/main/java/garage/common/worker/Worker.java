package garage.common.worker;

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
}
