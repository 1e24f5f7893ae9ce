package garage.testkit.env;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says where a simulation hangs: in a task that computes for ever or blocks the thread that carries
 * it. It cannot end such a task; the build's own timeout does, and this line is what remains.
 */
final class Watchdog implements AutoCloseable {
  /** Real time that one step may take. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Scheduler scheduler;
  private final Thread thread;

  Watchdog(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.thread = Thread.ofPlatform().daemon(true).name("watchdog").start(this::watch);
  }

  private void watch() {
    long seen = -1;
    try {
      while (true) {
        Thread.sleep(PATIENCE);
        long steps = scheduler.steps();
        if (steps == seen) {
          System.err.println(report(scheduler.running()));
        }
        seen = steps;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String report(@Nullable SimTask task) {
    StringBuilder text = new StringBuilder("a simulation hangs in one step");
    if (task != null) {
      text.append(": ").append(task.name());
      for (StackTraceElement frame : task.thread().getStackTrace()) {
        text.append("\n    at ").append(frame);
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
