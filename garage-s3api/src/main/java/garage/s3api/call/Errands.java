package garage.s3api.call;

import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import garage.s3api.error.S3Exception;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work on a task of its own, so that it comes to its end though the request that began it may be
 * cancelled when its client goes away.
 */
public final class Errands {
  private Errands() {}

  /** What became of an errand; read under its gate. */
  static final class Result<T> {
    private final Gate gate;
    private @Nullable T value;
    private @Nullable RuntimeException failure;
    private boolean done;

    Result(Gate gate) {
      this.gate = gate;
    }

    /** Whether it has ended by {@code deadline}. */
    boolean await(Deadline deadline) {
      gate.lock();
      try {
        return gate.await(() -> done, deadline);
      } finally {
        gate.unlock();
      }
    }

    /** The value of an errand that has ended, or its failure. */
    T get() {
      RuntimeException cause = failure;
      if (cause != null) {
        throw cause;
      }
      T result = value;
      if (result == null) {
        throw new GarageException.Internal("a task ended without a result");
      }
      return result;
    }

    private void run(Supplier<T> work) {
      @Nullable T result = null;
      @Nullable RuntimeException cause = null;
      try {
        result = work.get();
      } catch (GarageException | S3Exception e) {
        cause = e;
      } finally {
        end(result, cause);
      }
    }

    private void end(@Nullable T result, @Nullable RuntimeException cause) {
      gate.update(() -> {
        value = result;
        failure = cause;
        done = true;
      });
    }
  }

  /** Starts {@code work}. */
  static <T> Result<T> start(Runner runner, String name, Supplier<T> work) {
    Result<T> result = new Result<>(new Gate(runner.clock()));
    runner.tasks().start(name, () -> result.run(work));
    return result;
  }

  /**
   * Runs {@code work} to its end and returns what it returns or throws what it throws; if the
   * caller is cancelled meanwhile, the work goes on without it. The work itself must end in time.
   */
  public static <T> T run(Runner runner, String name, Supplier<T> work) {
    Result<T> result = start(runner, name, work);
    result.await(Deadline.NEVER);
    return result.get();
  }
}
