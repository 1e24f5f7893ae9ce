package garage.common.worker;

import java.time.Duration;

/** What a {@link Worker} reports after a unit of work. */
public sealed interface WorkerState {
  /** There is more to do at once. */
  record Busy() implements WorkerState {}

  /** There is more to do, after a pause that leaves room for the foreground. */
  record Throttled(Duration pause) implements WorkerState {}

  /** Nothing to do until woken, or until {@code recheck} has passed. */
  record Idle(Duration recheck) implements WorkerState {}

  /** Finished for ever. */
  record Done() implements WorkerState {}
}
