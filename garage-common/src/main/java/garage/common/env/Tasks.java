package garage.common.env;

/**
 * Starts tasks: named virtual threads that run plain blocking code. A failure that reaches a task's
 * top frame is logged there and ends that task alone.
 */
public interface Tasks {
  /** Starts {@code body} at once. */
  Task start(String name, Runnable body);

  /** A running or finished task. */
  interface Task {
    /**
     * Asks the task to stop: its present or next blocking call throws {@link
     * garage.common.error.GarageException.Cancelled}.
     */
    void cancel();

    /**
     * Waits until the task has finished.
     *
     * @throws garage.common.error.GarageException.Cancelled if the caller is cancelled meanwhile
     */
    void join();

    /** Whether the task has finished. */
    boolean isDone();
  }
}
