package garage.common.env;

import garage.common.error.GarageException;
import org.jspecify.annotations.Nullable;

/** A value or failure that one task delivers, once, to others that wait for it. */
public final class Promise<T> {
  private final Gate gate;
  private @Nullable T value;
  private @Nullable GarageException failure;

  public Promise(Clock clock) {
    this.gate = new Gate(clock);
  }

  /** Delivers {@code result}, unless something was delivered before; answers whether it was. */
  public boolean complete(T result) {
    return deliver(result, null);
  }

  /** Delivers a failure, unless something was delivered before; answers whether it was. */
  public boolean fail(GarageException cause) {
    return deliver(null, cause);
  }

  /** Whether something was delivered. */
  public boolean isDone() {
    return gate.locked(this::delivered);
  }

  /**
   * Waits for the value and returns it, or throws the failure.
   *
   * @throws GarageException.TimedOut at {@code deadline}
   * @throws GarageException.Cancelled if the caller is cancelled meanwhile
   */
  public T await(Deadline deadline) {
    gate.lock();
    try {
      if (!gate.await(this::delivered, deadline)) {
        throw new GarageException.TimedOut("no answer in time");
      }
      if (failure != null) {
        throw failure;
      }
      T result = value;
      if (result == null) {
        throw new IllegalStateException("a promise holds a value or a failure");
      }
      return result;
    } finally {
      gate.unlock();
    }
  }

  private boolean deliver(@Nullable T result, @Nullable GarageException cause) {
    gate.lock();
    try {
      if (delivered()) {
        return false;
      }
      value = result;
      failure = cause;
      gate.signal();
      return true;
    } finally {
      gate.unlock();
    }
  }

  private boolean delivered() {
    return value != null || failure != null;
  }
}
