package garage.s3api.object;

import garage.common.check.Invariant;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.model.object.DataOwner;
import garage.model.object.ObjectData;
import garage.s3api.call.Errands;
import garage.s3api.call.Runner;
import garage.s3api.error.S3Exception;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way into blocks, until an object or a part refers to them. Closing it gives
 * everything back, unless it was committed; that happens on a task of its own, since the request's
 * task may be cancelled already, and after the last block under way has ended, since a reference
 * made after the release would never be undone.
 *
 * <p>A few blocks may be under way at once, each on a task; the first failure is kept and ends the
 * run. All else is for the request's task alone.
 */
public final class DataRun implements AutoCloseable {
  /** Blocks being stored at once: one is synced, one is sent, one is hashed. */
  private static final int BLOCKS_MAX = 3;

  private final ObjectData data;
  private final Runner runner;
  private final Uuid id;
  private final Gate gate;
  private int underWay;
  private @Nullable GarageException failure;
  private boolean decided;

  private DataRun(ObjectData data, Runner runner, Uuid id) {
    this.data = data;
    this.runner = runner;
    this.id = id;
    this.gate = new Gate(runner.clock());
  }

  /** Begins bytes that {@code owner} is going to refer to. */
  public static DataRun begin(ObjectData data, Runner runner, DataOwner owner) {
    return new DataRun(data, runner, data.begin(owner));
  }

  /** What the owner refers to. */
  public Uuid id() {
    return id;
  }

  /** Stores a block on a task of its own, once there is room for one more under way. */
  void start(Runnable store) {
    gate.lock();
    try {
      gate.await(() -> underWay < BLOCKS_MAX, Deadline.NEVER);
      throwFailure();
      underWay++;
    } finally {
      gate.unlock();
    }
    runner.tasks().start("s3-block", () -> run(store));
  }

  /** Waits until all blocks are stored. */
  void awaitBlocks() {
    gate.lock();
    try {
      gate.await(() -> underWay == 0, Deadline.NEVER);
      throwFailure();
    } finally {
      gate.unlock();
    }
  }

  /**
   * Makes the owner refer to the bytes, and answers what {@code publish} does; what refuses that is
   * thrown by it as an {@link S3Exception}. If it fails otherwise, the outcome is unknown and is
   * looked into in the background. It runs to its end even if the client goes away.
   */
  public <T> T commit(Supplier<T> publish) {
    Invariant.check(!decided, "a run is committed once");
    awaitBlocks();
    decided = true;
    return Errands.run(runner, "s3-commit", () -> published(publish));
  }

  private <T> T published(Supplier<T> publish) {
    try {
      T published = publish.get();
      data.settle(id);
      return published;
    } catch (S3Exception refusal) {
      giveBack();
      throw refusal;
    } catch (GarageException unknown) {
      data.doubt(id);
      throw unknown;
    }
  }

  @Override
  public void close() {
    if (!decided) {
      decided = true;
      runner.tasks().start("s3-abandon", this::abandon);
    }
  }

  private void abandon() {
    gate.lock();
    try {
      gate.await(() -> underWay == 0, Deadline.NEVER);
    } finally {
      gate.unlock();
    }
    giveBack();
  }

  private void giveBack() {
    try {
      data.abandon(id);
    } catch (GarageException e) { // as on a full disk
      data.doubt(id);
    }
  }

  private void run(Runnable store) {
    @Nullable GarageException cause = new GarageException.Internal("a block was not stored");
    try {
      store.run();
      cause = null;
    } catch (GarageException e) {
      cause = e;
    } finally {
      ended(cause);
    }
  }

  private void ended(@Nullable GarageException cause) {
    gate.update(() -> {
      Invariant.check(underWay > 0, "no more blocks end than began");
      underWay--;
      failure = failure == null ? cause : failure;
    });
  }

  private void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }
}
