package garage.common.worker;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator is shown of a worker.
 *
 * @param id as long as the process runs, no other worker's
 */
public record WorkerStatus(
    long id, String name, WorkerState state, Failures failures, Progress progress) {
  /**
   * What went wrong.
   *
   * @param last null if nothing ever did
   * @param lastAt null exactly if {@code last} is
   */
  public record Failures(
      long count, int consecutive, @Nullable String last, @Nullable Instant lastAt) {
    static final Failures NONE = new Failures(0, 0, null, null);
  }

  /** What {@link Worker} tells of itself; see there. */
  public record Progress(
      long queueLength, @Nullable String text, long persistentErrors, List<String> details) {
    public Progress {
      details = List.copyOf(details);
    }

    static Progress of(Worker worker) {
      return new Progress(
          worker.queueLength(), worker.progress(), worker.persistentErrors(), worker.details());
    }
  }
}
