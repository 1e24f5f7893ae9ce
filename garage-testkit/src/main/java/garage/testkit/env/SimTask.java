package garage.testkit.env;

import garage.common.env.Tasks;
import garage.common.error.GarageException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One virtual thread of a simulation. All state is changed by the driver's thread only. */
final class SimTask implements Tasks.Task {
  private final Scheduler scheduler;
  private final Incarnation owner;
  private final String name;
  private final Thread thread;
  private final WaitQueue joiners = new WaitQueue();

  /** What the virtual thread hands to its executor whenever it can go on. */
  @Nullable Runnable continuation;

  private boolean resumable;
  private boolean cancelled;
  private boolean dropped;
  private boolean done;

  SimTask(Scheduler scheduler, Incarnation owner, String name, Runnable body) {
    this.scheduler = scheduler;
    this.owner = owner;
    this.name = name;
    this.thread = scheduler.newThread(name, () -> run(body));
  }

  /** The top frame. */
  @SuppressWarnings("CatchingUnchecked") // the top frame of a thread
  private void run(Runnable body) {
    try {
      body.run();
      scheduler.trace("end", name);
    } catch (GarageException.Cancelled e) {
      scheduler.trace("cancelled", name);
    } catch (Throwable e) {
      scheduler.failed(this, e);
    } finally {
      done = true;
      owner.forget(this);
      joiners.wakeAll();
      scheduler.forget(this);
    }
  }

  /** Ends a task as a kill does: where it stands, without running another instruction. */
  void drop() {
    dropped = true;
    joiners.wakeAll();
  }

  /** Lets a dropped task go on, so that it can unwind. */
  void revive() {
    dropped = false;
  }

  @Override
  public void cancel() {
    if (!isDone()) {
      scheduler.trace("cancel", name);
      cancelled = true;
      thread.interrupt();
    }
  }

  @Override
  public void join() {
    scheduler.await(joiners, this::isDone, Scheduler.NEVER);
  }

  @Override
  public boolean isDone() {
    return done || dropped;
  }

  boolean isCancelled() {
    return cancelled;
  }

  boolean isDropped() {
    return dropped;
  }

  /** Whether the thread can go on and has not been given the chance yet. */
  boolean isResumable() {
    return resumable;
  }

  void resumable(boolean now) {
    resumable = now;
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  void interrupt() {
    thread.interrupt();
  }

  Incarnation owner() {
    return owner;
  }

  String name() {
    return name;
  }

  Thread thread() {
    return thread;
  }
}
