package garage.common.env;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.locks.Condition;

/**
 * The only source of time. Wall time may jump in either direction and is for showing and for
 * ordering through the hybrid clock; monotonic time is for measuring and waiting.
 */
public interface Clock {
  /** Milliseconds since the Unix epoch, as the machine believes. */
  long wallMillis();

  /** Monotonic nanoseconds from an arbitrary origin. */
  long nanos();

  /** The wall time. */
  default Instant now() {
    return Instant.ofEpochMilli(wallMillis());
  }

  /** Where the machine is, for who wants to know when it is midnight there. */
  default ZoneId zone() {
    return ZoneOffset.UTC;
  }

  /**
   * Blocks the calling task.
   *
   * @throws garage.common.error.GarageException.Cancelled if the task is cancelled meanwhile
   */
  void sleep(Duration duration);

  /**
   * Waits on {@code condition}, whose lock the caller holds, until it is signalled, {@code
   * deadline} passes, or spuriously. The JDK's own timed waits are not to be used: they read
   * another clock.
   *
   * @throws garage.common.error.GarageException.Cancelled if the task is cancelled meanwhile
   */
  void await(Condition condition, Deadline deadline);

  /**
   * Runs {@code action} once after {@code delay}, on a task of its own, unless cancelled first. The
   * action must be short; it is for waking somebody.
   */
  Timer schedule(Duration delay, Runnable action);

  /** A pending action. */
  interface Timer {
    /** Prevents the action if it has not begun; otherwise does nothing. */
    void cancel();
  }
}
