package garage.testkit.env;

import garage.common.env.Clock;
import garage.common.env.Tasks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A world in which production code runs deterministically: virtual threads in an order drawn from
 * the seed, virtual time, and any number of nodes with clocks, disks and a network that fail as
 * they are told. Equal seeds give equal runs, step by step; see {@link #trace}.
 *
 * <pre>{@code
 * Simulation.run(seed, world -> {
 *   SimNode a = world.node("a");
 *   Server server = new Server(a.clock(), a.tasks(), a.network(), a.disk("data"));
 *   a.powerOff();
 *   a.start();
 *   ...
 * });
 * }</pre>
 *
 * <p>The body is a task itself and may block, start others and assert. The simulation ends with it;
 * tasks still running are unwound. It fails if the body throws, if a task fails with anything but a
 * {@link garage.common.error.GarageException} (an {@code Internal} one fails it too), if nothing
 * can run, or at the {@link Limits}.
 *
 * <p>Rules for the code inside: a task blocks in a seam, or in a lock or queue of {@code
 * java.util.concurrent} without a timeout, and in nothing else - no monitor while another task may
 * want it, no JDK sleep, no thread of the JDK. What must repeat in another JVM may not depend on
 * the order of {@code Set.of}, {@code Map.of}, or of hash tables keyed by enums, arrays or other
 * objects that hash by identity: those orders change from one JVM to the next.
 */
public final class Simulation {
  /** How often {@link #eventually} looks. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(10);

  private final long seed;
  private final SeededRandom seeds;
  private final SeededRandom random;
  private final Trace trace = new Trace();
  private final Scheduler scheduler;
  private final Map<String, SimNode> nodes = new LinkedHashMap<>();
  private final SimNetwork network;
  private final SimNode world;

  public Simulation(long seed) {
    this(seed, Limits.DEFAULT);
  }

  public Simulation(long seed, Limits limits) {
    this.seed = seed;
    this.seeds = new SeededRandom(SeededRandom.mix(seed));
    this.random = seeds.split("test");
    this.scheduler = new Scheduler(seeds.split("scheduler"), limits, trace);
    this.network = new SimNetwork(scheduler, seeds.split("network"));
    this.world = new SimNode("world", 0, scheduler, network, seeds.split("world"));
  }

  /** Runs {@code body} in a new simulation, and returns that for its trace. */
  public static Simulation run(long seed, Consumer<Simulation> body) {
    Simulation simulation = new Simulation(seed);
    simulation.run(() -> body.accept(simulation));
    return simulation;
  }

  /**
   * Runs {@code body} to its end, once, from an ordinary thread.
   *
   * @throws SimulationFailure if the simulation fails; what {@code body} throws is thrown as it is
   */
  public void run(Runnable body) {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    try (Watchdog _ = new Watchdog(scheduler)) {
      SimTask main = (SimTask) world.tasks().start("main", () -> keep(body, thrown));
      scheduler.drive(main::isDone);
      rethrow(thrown.get());
    } catch (RuntimeException | Error e) {
      e.addSuppressed(new SimulationFailure(where()));
      throw e;
    } finally {
      scheduler.reap();
    }
  }

  @SuppressWarnings("CatchingUnchecked") // carried to the thread that runs the simulation
  private static void keep(Runnable body, AtomicReference<@Nullable Throwable> thrown) {
    try {
      body.run();
    } catch (Throwable e) {
      thrown.set(e);
    }
  }

  private static void rethrow(@Nullable Throwable thrown) {
    switch (thrown) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(thrown);
    }
  }

  private String where() {
    return "in the simulation of seed %d, step %d, %s of virtual time"
        .formatted(seed, scheduler.steps(), Duration.ofNanos(scheduler.time()));
  }

  /** The node of this name, made and started when first asked for. */
  public SimNode node(String name) {
    return nodes.computeIfAbsent(
        name, n -> new SimNode(n, nodes.size() + 1, scheduler, network, seeds.split("node " + n)));
  }

  /** All nodes so far, in the order they were made. */
  public List<SimNode> nodes() {
    return new ArrayList<>(nodes.values());
  }

  /** What connects the nodes, and its faults. */
  public SimNetwork network() {
    return network;
  }

  /** A clock of no node, which neither drifts nor jumps. */
  public Clock clock() {
    return world.clock();
  }

  /** Tasks of no node, which no kill ends. */
  public Tasks tasks() {
    return world.tasks();
  }

  /** Randomness for the test itself. */
  public SeededRandom random() {
    return random;
  }

  public long seed() {
    return seed;
  }

  /** Sleeps until {@code holds}, and fails if it does not within {@code limit}. */
  public void eventually(String what, Duration limit, BooleanSupplier holds) {
    long end = scheduler.time() + limit.toNanos();
    while (!holds.getAsBoolean()) {
      if (scheduler.time() >= end) {
        throw new SimulationFailure("not within " + limit + ": " + what);
      }
      clock().sleep(LOOK_EVERY);
    }
  }

  /** Checks an invariant after every step; it throws if it does not hold, and may not block. */
  public void afterEveryStep(Runnable invariant) {
    scheduler.onStep(invariant);
  }

  /** Adds a line of the test's own to the trace. */
  public void note(String what) {
    scheduler.trace("note", what);
  }

  /** Lets tasks fail with any exception, as they may in production. */
  public void tolerateTaskFailures() {
    scheduler.tolerateFailures();
  }

  /** What has reached the top frame of a task so far, other than cancellation. */
  public List<Throwable> taskFailures() {
    return scheduler.failures();
  }

  /** Virtual time since the beginning. */
  public Duration elapsed() {
    return Duration.ofNanos(scheduler.time());
  }

  /** What happened, in order. */
  public Trace trace() {
    return trace;
  }
}
