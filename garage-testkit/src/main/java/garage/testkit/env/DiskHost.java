package garage.testkit.env;

import org.jspecify.annotations.Nullable;

/** The process that uses a simulated disk; none for a disk that stands alone. */
final class DiskHost {
  private final @Nullable Incarnation incarnation;
  private final String label;

  DiskHost(@Nullable Incarnation incarnation, String label) {
    this.incarnation = incarnation;
    this.label = label;
  }

  /** Fails if the process is gone. */
  void enter() {
    if (incarnation != null) {
      incarnation.enter();
    }
  }

  /** Fails if the calling task was cancelled. */
  void checkCancelled() {
    if (incarnation != null && incarnation.scheduler().inTask()) {
      Scheduler.checkCancelled(incarnation.scheduler().current());
    }
  }

  /** Lets the calling task wait for the device. */
  void pause(Platter platter) {
    if (incarnation != null && incarnation.scheduler().inTask()) {
      long nanos = platter.random.between(platter.latencyMinNanos, platter.latencyMaxNanos) / 2;
      incarnation.scheduler().pause(nanos);
      incarnation.enter();
    }
  }

  void trace(String what) {
    if (incarnation != null) {
      incarnation.scheduler().trace("disk", label + " " + what);
    }
  }
}
