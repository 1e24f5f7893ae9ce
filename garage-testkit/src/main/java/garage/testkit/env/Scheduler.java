package garage.testkit.env;

import garage.common.error.GarageException;
import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs virtual threads one at a time, in an order that a seed determines, under a clock that moves
 * only when nothing can run.
 *
 * <p><b>How.</b> The JDK gives each virtual thread to an {@link Executor} whenever it can go on;
 * its builder has a constructor, for tests, that takes another executor than the usual pool. This
 * one keeps a list; the driver, an ordinary thread, picks an element with a seeded generator and
 * runs it until it parks. So there is never more than one thread running, all switching happens
 * where a thread blocks, and ordinary code with {@code ReentrantLock}, {@code Condition} and queues
 * becomes deterministic without being changed.
 *
 * <p><b>Invariant.</b> All state here and in the simulated seams is touched by the driver's thread
 * alone, be it as itself or carrying a virtual thread; none of it is locked, and between two parks
 * everything is atomic. A wake-up from any other thread means that a task waits in a monitor or in
 * a timed wait of the JDK; it is reported, because what follows would not be deterministic.
 *
 * <p><b>What cannot be seen.</b> A thread is never pre-empted between blocking calls, so data races
 * in memory are not found. A task that computes for ever without a blocking call hangs the test.
 */
final class Scheduler implements Executor {
  /** A deadline that does not come. */
  static final long NEVER = Long.MAX_VALUE;

  /** Readings of the clock in one step, after which the task is taken to wait in a loop for it. */
  private static final int CLOCK_READS_MAX = 1_000_000;

  /** Steps given to tasks to unwind when all is over. */
  private static final int REAP_STEPS_MAX = 1_000_000;

  /** How often a call that may block lets others go first although it need not wait. */
  private static final double PREEMPTIONS = 0.25;

  /** How tasks are picked: uniformly, or mostly the longest or the shortest waiting. */
  private enum Bias {
    NONE,
    OLDEST,
    NEWEST
  }

  private final SeededRandom random;
  private final Bias bias;
  private final Limits limits;
  private final Trace trace;
  private final Thread driver = Thread.currentThread();
  private final Constructor<? extends Thread.Builder.OfVirtual> builder = builder();
  private final Map<Thread, SimTask> byThread = new ConcurrentHashMap<>();
  private final Map<Runnable, SimTask> byContinuation = new HashMap<>();
  private final Set<SimTask> tasks = new LinkedHashSet<>();
  private final List<SimTask> runnable = new ArrayList<>();
  private final TreeSet<SimTimer> timers = new TreeSet<>();
  private final List<Runnable> hooks = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final AtomicReference<@Nullable String> foreignWake = new AtomicReference<>();
  private @Nullable SimTask starting;
  private @Nullable SimulationFailure fatal;
  private boolean tolerant;
  private boolean reaping;
  private long now;
  private final AtomicLong steps = new AtomicLong(); // read by the watchdog
  private volatile @Nullable SimTask running;
  private long timerCount;
  private int clockReads;

  Scheduler(SeededRandom random, Limits limits, Trace trace) {
    this.random = random;
    this.limits = limits;
    this.trace = trace;
    this.bias = Bias.values()[random.nextInt(Bias.values().length)];
  }

  // --- threads

  @SuppressWarnings("unchecked") // the class is not accessible; its interface is
  private static Constructor<? extends Thread.Builder.OfVirtual> builder() {
    try {
      Constructor<?> constructor =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      constructor.setAccessible(true);
      return (Constructor<? extends Thread.Builder.OfVirtual>) constructor;
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalStateException(
          "simulations need JDK 25 and --add-opens=java.base/java.lang=ALL-UNNAMED", e);
    }
  }

  Thread newThread(String name, Runnable body) {
    try {
      return builder.newInstance(this).name(name).unstarted(body);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  void start(SimTask task) {
    trace("start", task.name());
    byThread.put(task.thread(), task);
    tasks.add(task);
    starting = task;
    task.thread().start();
    starting = null;
  }

  void forget(SimTask task) {
    byThread.remove(task.thread());
    tasks.remove(task);
    Runnable continuation = task.continuation;
    if (continuation != null) {
      byContinuation.remove(continuation);
    }
  }

  /** Called by the JDK when a virtual thread can go on. */
  @Override
  public void execute(Runnable continuation) {
    Thread caller = Thread.currentThread();
    if (!caller.equals(driver) && !byThread.containsKey(caller)) {
      foreignWake.compareAndSet(null, caller.getName());
      return;
    }
    SimTask task = byContinuation.get(continuation);
    if (task == null) {
      task = starting;
      if (task == null) {
        throw new IllegalStateException("a thread that was not started here");
      }
      task.continuation = continuation;
      byContinuation.put(continuation, task);
    }
    task.resumable(true);
    resume(task);
  }

  /** Makes a task that can go on eligible, unless its process is gone or stopped. */
  void resume(SimTask task) {
    if (task.isDropped() || !task.isResumable()) {
      return;
    }
    if (task.owner().isFrozen() && !reaping) {
      task.owner().hold(task);
    } else {
      runnable.add(task);
    }
  }

  /** Stops a task where it is. */
  void drop(SimTask task) {
    trace("drop", task.name());
    task.drop();
    runnable.remove(task);
  }

  /** Takes the tasks of a process that was stopped out of the race. */
  void hold(Incarnation owner) {
    for (SimTask task : List.copyOf(runnable)) {
      if (task.owner() == owner) {
        runnable.remove(task);
        owner.hold(task);
      }
    }
  }

  /** Does not return if the calling task has been dropped: it killed its own process. */
  void stopIfDropped() {
    SimTask me = byThread.get(Thread.currentThread());
    while (me != null && me.isDropped()) {
      LockSupport.park(this);
      checkNotReaping();
    }
  }

  // --- waiting

  /**
   * Parks the calling task until {@code ready} holds (true) or {@code deadline} is reached (false).
   * Whoever makes it hold wakes {@code queue}.
   */
  boolean await(WaitQueue queue, BooleanSupplier ready, long deadline) {
    checkNotReaping();
    SimTask me = current();
    checkCancelled(me);
    if (random.chance(PREEMPTIONS)) {
      yieldNow();
      checkCancelled(me);
    }
    return park(me, queue, ready, deadline, true);
  }

  @SuppressWarnings("ThreadPriorityCheck") // the scheduler is this one
  private void yieldNow() {
    Thread.yield();
    checkNotReaping();
  }

  /** Lets {@code nanos} pass for the calling task, even if it is cancelled. */
  void pause(long nanos) {
    checkNotReaping();
    park(current(), new WaitQueue(), () -> false, now + nanos, false);
  }

  private boolean park(
      SimTask me, WaitQueue queue, BooleanSupplier ready, long deadline, boolean cancellable) {
    SimTimer timer = deadline == NEVER ? null : at(deadline, me::wake);
    queue.add(me);
    try {
      while (!ready.getAsBoolean()) {
        if (now >= deadline) {
          return false;
        }
        if (cancellable) {
          checkCancelled(me);
        }
        var _ = Thread.interrupted(); // a thread whose flag is set does not park
        LockSupport.park(this);
        checkNotReaping();
      }
      return true;
    } finally {
      queue.remove(me);
      cancel(timer);
      if (me.isCancelled()) {
        me.interrupt();
      }
    }
  }

  static void checkCancelled(SimTask task) {
    if (task.isCancelled()) {
      task.interrupt();
      throw new GarageException.Cancelled("the task was cancelled");
    }
  }

  boolean isReaping() {
    return reaping;
  }

  void checkNotReaping() {
    if (reaping) {
      throw new TaskKilled();
    }
  }

  /** The task that calls. */
  SimTask current() {
    SimTask task = byThread.get(Thread.currentThread());
    if (task == null) {
      throw new IllegalStateException("only a task of Simulation.run may wait here");
    }
    return task;
  }

  boolean inTask() {
    return byThread.containsKey(Thread.currentThread());
  }

  // --- time

  long now() {
    if (++clockReads > CLOCK_READS_MAX) {
      clockReads = 0;
      throw new SimulationFailure(
          "a task waits for the clock in a loop, without sleeping: "
              + Thread.currentThread().getName());
    }
    return now;
  }

  SimTimer at(long time, Runnable action) {
    SimTimer timer = new SimTimer(Math.max(now, time), random.nextLong(), timerCount++, action);
    timers.add(timer);
    return timer;
  }

  SimTimer after(long nanos, Runnable action) {
    long time = now + nanos;
    return at(time < now ? NEVER : time, action);
  }

  void cancel(@Nullable SimTimer timer) {
    if (timer != null) {
      timers.remove(timer);
    }
  }

  // --- driving

  /** Runs tasks and timers until {@code end}. */
  void drive(BooleanSupplier end) {
    if (!Thread.currentThread().equals(driver)) {
      throw new IllegalStateException("run a simulation on the thread that made it");
    }
    while (!end.getAsBoolean()) {
      step();
      hooks.forEach(Runnable::run);
      check();
    }
  }

  private void step() {
    if (!runnable.isEmpty()) {
      resumeOne();
    } else if (!timers.isEmpty()) {
      fireOne();
    } else {
      throw new SimulationFailure("deadlock: nothing can run and no timer is set" + blocked());
    }
  }

  private void resumeOne() {
    SimTask task = runnable.remove(pick());
    trace("run", task.name());
    continueThread(task);
    Thread.State state = task.thread().getState();
    if (state == Thread.State.TIMED_WAITING || state == Thread.State.BLOCKED) {
      throw new SimulationFailure(
          "%s is %s: it waits in a monitor or a timed wait of the JDK%s"
              .formatted(task.name(), state, blocked()));
    }
  }

  private void continueThread(SimTask task) {
    countStep();
    running = task;
    task.resumable(false);
    Runnable continuation = task.continuation;
    if (continuation != null) {
      continuation.run();
    }
    running = null;
  }

  private void countStep() {
    steps.incrementAndGet();
    clockReads = 0;
  }

  private void fireOne() {
    SimTimer timer = timers.pollFirst();
    if (timer != null) {
      countStep();
      now = timer.at();
      timer.action().run();
    }
  }

  private int pick() {
    int size = runnable.size();
    if (size == 1) {
      return 0;
    }
    int uniform = random.nextInt(size);
    return switch (bias) {
      case NONE -> uniform;
      case OLDEST -> random.chance(0.75) ? 0 : uniform;
      case NEWEST -> random.chance(0.75) ? size - 1 : uniform;
    };
  }

  private void check() {
    String foreign = foreignWake.get();
    if (foreign != null) {
      throw new SimulationFailure(
          "a task was woken by the thread '%s': it waits in a monitor or a timed wait of the JDK%s"
              .formatted(foreign, blocked()));
    }
    if (fatal != null) {
      throw fatal;
    }
    if (steps.get() > limits.stepsMax() || now > limits.timeMax().toNanos()) {
      throw new SimulationFailure(
          "no end after %d steps and %s; the last:%n%s"
              .formatted(steps.get(), Duration.ofNanos(now), trace.tail(50)));
    }
  }

  /** Where every task stands. */
  private String blocked() {
    StringBuilder text = new StringBuilder();
    for (SimTask task : tasks) {
      if (!task.isDropped()) {
        text.append("\n\n").append(task.name());
        text.append(task.owner().isFrozen() ? " (frozen)" : "");
        for (StackTraceElement frame : task.thread().getStackTrace()) {
          text.append("\n    at ").append(frame);
        }
      }
    }
    return text.toString();
  }

  /** Unwinds every task, so that nothing they hold stays in memory; the trace is closed. */
  void reap() {
    reaping = true;
    timers.clear();
    runnable.clear();
    for (SimTask task : List.copyOf(tasks)) {
      task.revive();
      resume(task);
      task.interrupt();
    }
    for (int i = 0; i < REAP_STEPS_MAX && !runnable.isEmpty(); i++) {
      continueThread(runnable.removeFirst());
    }
  }

  // --- what is observed

  void trace(String verb, String subject) {
    if (!reaping) {
      trace.add(now, verb, subject);
    }
  }

  void onStep(Runnable hook) {
    hooks.add(hook);
  }

  void tolerateFailures() {
    tolerant = true;
  }

  void failed(SimTask task, Throwable failure) {
    if (reaping) {
      return;
    }
    trace("failed", task.name() + " " + failure);
    failures.add(failure);
    boolean expected =
        failure instanceof GarageException && !(failure instanceof GarageException.Internal);
    if (!expected && !tolerant && fatal == null) {
      fatal = new SimulationFailure("task " + task.name() + " failed", failure);
    }
  }

  List<Throwable> failures() {
    return List.copyOf(failures);
  }

  long steps() {
    return steps.get();
  }

  /** The task whose turn it is. */
  @Nullable SimTask running() {
    return running;
  }

  long time() {
    return now;
  }
}
