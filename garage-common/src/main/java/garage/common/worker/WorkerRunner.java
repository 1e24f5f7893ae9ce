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
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a node's workers, each on a task of its own, until it is closed. */
public final class WorkerRunner implements AutoCloseable {
  /** The pause after the first failure in a row, doubled for each further one. */
  static final Duration ERROR_PAUSE = Duration.ofMillis(500);

  /** The longest pause after a failure. */
  static final Duration ERROR_PAUSE_MAX = Duration.ofMinutes(1);

  /** Workers that have finished stay in the list, for the operator to see how, up to this many. */
  static final int FINISHED_MAX = 32;

  private static final Logger log = LoggerFactory.getLogger(WorkerRunner.class);

  private final Clock clock;
  private final Tasks tasks;
  private final List<Running> running = new CopyOnWriteArrayList<>();
  private final AtomicLong lastId = new AtomicLong();

  public WorkerRunner(Clock clock, Tasks tasks) {
    this.clock = clock;
    this.tasks = tasks;
  }

  /** Starts a worker; the handle wakes it. */
  public Handle start(Worker worker) {
    forgetFinished();
    Running entry = new Running(worker, lastId.incrementAndGet());
    running.add(entry);
    entry.task = tasks.start("worker " + worker.name(), entry::loop);
    return entry;
  }

  /** A snapshot of every worker, in the order they were started. */
  public List<WorkerStatus> list() {
    List<WorkerStatus> all = new ArrayList<>();
    for (Running entry : running) {
      all.add(entry.status());
    }
    return List.copyOf(all);
  }

  /** Whether a worker of this name has not finished. */
  public boolean isRunning(String name) {
    return running.stream()
        .anyMatch(entry -> entry.worker.name().equals(name) && !entry.isFinished());
  }

  private void forgetFinished() {
    List<Running> finished = running.stream().filter(Running::isFinished).toList();
    running.removeAll(finished.subList(0, Math.max(0, finished.size() - FINISHED_MAX)));
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

  private final class Running implements Handle {
    private final Worker worker;
    private final long id;
    private final Gate gate = new Gate(clock);
    private Tasks.@Nullable Task task;
    private boolean woken;
    private boolean stopped;
    private WorkerState state = new WorkerState.Busy();
    private WorkerStatus.Failures failures = WorkerStatus.Failures.NONE;

    Running(Worker worker, long id) {
      this.worker = worker;
      this.id = id;
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

    WorkerStatus status() {
      WorkerStatus.Progress progress = WorkerStatus.Progress.of(worker);
      return gate.locked(() -> new WorkerStatus(id, worker.name(), state, failures, progress));
    }

    boolean isFinished() {
      return gate.locked(() -> state instanceof WorkerState.Done);
    }

    void loop() {
      try {
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
      } finally {
        gate.update(() -> state = new WorkerState.Done()); // also if a bug ended it
      }
    }

    private WorkerState stepOnce() {
      try {
        WorkerState next = worker.step();
        gate.update(() ->
            failures =
                new WorkerStatus.Failures(failures.count(), 0, failures.last(), failures.lastAt()));
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
        int consecutive = failures.consecutive() + 1;
        failures =
            new WorkerStatus.Failures(
                failures.count() + 1, consecutive, String.valueOf(e.getMessage()), clock.now());
        long factor = 1L << Math.min(20, consecutive - 1);
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
