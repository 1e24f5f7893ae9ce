package garage.common.env.system;

import garage.common.error.GarageException;

/**
 * How a thread's interrupt becomes {@link GarageException.Cancelled}: the flag stays set, so that
 * every later blocking call of the same task fails too and the task unwinds to its top frame.
 */
final class Interrupts {
  private Interrupts() {}

  /** What to throw after an {@link InterruptedException}. */
  static GarageException.Cancelled cancelled() {
    Thread.currentThread().interrupt();
    return new GarageException.Cancelled("the task was cancelled");
  }

  /** Throws if the calling task was cancelled. */
  static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw cancelled();
    }
  }
}
