package garage.common.worker;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a node's workers, each on a task of its own, until it is closed. */
public final class WorkerRunner implements AutoCloseable {
  /** The pause after the first failure in a row, doubled for each further one. */
  static final Duration ERROR_PAUSE = Duration.ofMillis(500);

  /** The longest pause after a failure. */
  static final Duration ERROR_PAUSE_MAX = Duration.ofMinutes(1);

  private static final Logger log = LoggerFactory.getLogger(WorkerRunner.class);

  private final Clock clock;
  private final Tasks tasks;
  private final List<Running> running = new CopyOnWriteArrayList<>();

  public WorkerRunner(Clock clock, Tasks tasks) {
    this.clock = clock;
    this.tasks = tasks;
  }

  /** Starts a worker; the handle wakes it. */
  public Handle start(Worker worker) {
    Running entry = new Running(worker);
    running.add(entry);
    entry.task = tasks.start("worker " + worker.name(), entry::loop);
    return entry;
  }

  /** A snapshot of every worker, in the order they were started. */
  public List<Status> list() {
    List<Status> all = new ArrayList<>();
    for (Running entry : running) {
      all.add(entry.status());
    }
    return List.copyOf(all);
  }

  /** Cancels every worker and waits for them. */
  @Override
  public void close() {
    for (Running entry : running) {
      entry.stop();
    }
    for (Running entry : running) {
      Tasks.@Nullable Task task = entry.task;
      if (task != null) {
        task.join();
      }
    }
  }

  /** A running worker, seen by those who give it work. */
  public interface Handle {
    /** Ends an idle or error pause. */
    void wake();
  }

  /** What an operator is shown. {@code lastError} is null if there was none. */
  public record Status(
      String name,
      WorkerState state,
      long queueLength,
      long errors,
      int consecutiveErrors,
      @Nullable String lastError) {}

  private final class Running implements Handle {
    private final Worker worker;
    private final Gate gate = new Gate(clock);
    private Tasks.@Nullable Task task;
    private boolean woken;
    private boolean stopped;
    private WorkerState state = new WorkerState.Busy();
    private long errors;
    private int consecutiveErrors;
    private @Nullable String lastError;

    Running(Worker worker) {
      this.worker = worker;
    }

    @Override
    public void wake() {
      gate.update(() -> woken = true);
    }

    void stop() {
      gate.update(() -> stopped = true);
      Tasks.Task current = task;
      if (current != null) {
        current.cancel();
      }
    }

    Status status() {
      return gate.locked(() ->
          new Status(
              worker.name(), state, worker.queueLength(), errors, consecutiveErrors, lastError));
    }

    void loop() {
      while (!gate.locked(() -> stopped)) {
        WorkerState next = stepOnce();
        gate.update(() -> state = next);
        switch (next) {
          case WorkerState.Busy() -> {}
          case WorkerState.Throttled(Duration pause) -> clock.sleep(pause);
          case WorkerState.Idle(Duration recheck) -> pause(recheck);
          case WorkerState.Done() -> {
            return;
          }
        }
      }
    }

    private WorkerState stepOnce() {
      try {
        WorkerState next = worker.step();
        gate.update(() -> consecutiveErrors = 0);
        return next;
      } catch (GarageException.Cancelled e) {
        return new WorkerState.Done();
      } catch (GarageException e) {
        log.warn("worker {}: {}", worker.name(), e.getMessage());
        return failed(e);
      }
    }

    private WorkerState failed(GarageException e) {
      return gate.locked(() -> {
        errors++;
        consecutiveErrors++;
        lastError = e.getMessage();
        long factor = 1L << Math.min(20, consecutiveErrors - 1);
        Duration pause = ERROR_PAUSE.multipliedBy(factor);
        return new WorkerState.Idle(pause.compareTo(ERROR_PAUSE_MAX) < 0 ? pause : ERROR_PAUSE_MAX);
      });
    }

    private void pause(Duration recheck) {
      gate.lock();
      try {
        gate.await(() -> woken || stopped, Deadline.after(clock, recheck));
        woken = false;
      } catch (GarageException.Cancelled e) {
        stopped = true;
      } finally {
        gate.unlock();
      }
    }
  }
}
