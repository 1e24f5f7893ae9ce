package garage.simulator.cluster;

import garage.block.disk.DataDirectory;
import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpServerSettings;
import garage.http.RequestTarget;
import garage.server.GarageNode;
import garage.server.NodeEnvironment;
import garage.server.config.GarageConfig;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.SimDisk;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A machine and the production node on it: {@link GarageNode} as the server builds it, over
 * simulated seams. Its disks and its store outlive the process.
 */
public final class Machine {
  private static final Duration SYNC_TIME = Duration.ofMillis(2);

  private final Simulation world;
  private final SimNode host;
  private final GarageConfig config;
  private final SeededRandom random;
  private final MemoryStorage storage = new MemoryStorage();
  private final Set<Exchange> open = new LinkedHashSet<>();
  private final Gate closing;
  private @Nullable GarageNode node;
  private @Nullable MemoryStore store;
  private boolean starting;
  private boolean stopping;
  private boolean retired;
  private int directories;
  private boolean lastIsReadOnly;
  private long requests;

  /** {@code directories} is how many it has for blocks at first. */
  Machine(
      Simulation world, SimNode host, GarageConfig config, SeededRandom random, int directories) {
    this.directories = directories;
    this.world = world;
    this.host = host;
    this.config = config;
    this.random = random;
    this.closing = new Gate(world.clock());
    host.onPowerOff(this::loseStore);
  }

  /** Its name. */
  public String name() {
    return host.name();
  }

  /** The identity of its node. */
  public NodeId id() {
    return host.id();
  }

  /** The simulated hardware. */
  public SimNode host() {
    return host;
  }

  /** The production node; null while there is none, or it is starting. */
  public @Nullable GarageNode node() {
    return node;
  }

  /** Its metadata, for checkers; null while there is no process. */
  public @Nullable MemoryStore store() {
    return store;
  }

  /** Starts the process, if there is none, and waits until the node has started or died. */
  public void start() {
    if (starting || node != null || retired) {
      return;
    }
    starting = true;
    try {
      if (!host.isRunning()) {
        host.start();
      }
      host.tasks().start("boot", this::boot).join();
    } finally {
      starting = false;
    }
    if (node == null && host.isRunning()) {
      kill(); // it did not come up, and ends as a process does
    }
  }

  private void boot() {
    NodeEnvironment environment =
        new NodeEnvironment(
            host.clock(),
            host.tasks(),
            host.random(),
            host.disk("meta"),
            dataDirectories(),
            () -> new NodeEnvironment.Presence(host.id(), host.network()),
            trees -> {
              MemoryStore opened =
                  new MemoryStore(storage, trees.keySet(), host.clock(), SYNC_TIME);
              store = opened;
              return opened;
            });
    GarageNode started = new GarageNode(config, host.name(), environment);
    started.start();
    started.serving(true);
    node = started;
  }

  private List<DataDirectory> dataDirectories() {
    List<DataDirectory> all = new ArrayList<>();
    for (int i = 0; i < directories; i++) {
      boolean readOnly = lastIsReadOnly && i == directories - 1;
      all.add(new DataDirectory(directory(i), host.disk(directory(i)), i + 1, readOnly));
    }
    return all;
  }

  private static String directory(int index) {
    return index == 0 ? "data" : "data" + (index + 1);
  }

  /**
   * Has so many directories for blocks from its next start on, or as many as it has if that is
   * more: nobody takes one away with the only copies that are in it.
   */
  public void directories(int count, boolean lastReadOnly) {
    directories = Math.max(directories, count);
    lastIsReadOnly = lastReadOnly && directories > 1;
  }

  /** How many directories for blocks it has. */
  public int directories() {
    return directories;
  }

  /** The disks its blocks are on. */
  public List<SimDisk> blockDisks() {
    return IntStream.range(0, directories).mapToObj(i -> host.disk(directory(i))).toList();
  }

  /**
   * Lets the metadata's disk fail from its next write on, which may be there later all the same.
   */
  public void failMetadata(boolean kept) {
    storage.failNextWrite(kept);
    host.disk("meta").failWrites(1);
    host.disk("meta").failSyncs(1);
  }

  /** Ends {@link #failMetadata}, for a process that starts after it. */
  public void healMetadata() {
    storage.heal();
    host.disk("meta").failWrites(0);
    host.disk("meta").failSyncs(0);
  }

  /** Ends the process as {@code kill -9} does. */
  public void kill() {
    host.kill();
    MemoryStore ended = store;
    storage.crash(ended == null ? 0 : random.nextInt(ended.waiting() + 1));
    gone();
  }

  /** Ends it as a loss of power does: what was not synced is lost. */
  public void powerOff() {
    host.powerOff();
    gone();
  }

  private void loseStore() {
    MemoryStore ended = store;
    storage.crash(ended == null ? 0 : random.nextInt(ended.waiting() + 1));
  }

  private void gone() {
    node = null;
    store = null;
    stopping = false;
    cutOff();
  }

  private void cutOff() {
    List<Exchange> broken = List.copyOf(open);
    open.clear();
    broken.forEach(exchange -> exchange.lost("the server died"));
  }

  /**
   * Stops the process as the server does when it is told to: it takes no more requests, gives those
   * under way some time, cuts their connections, and only then closes the node. Who waits no longer
   * kills it.
   */
  public void stop() {
    GarageNode ending = node;
    if (ending == null) {
      return;
    }
    stopping = true;
    try {
      drain();
      if (node == ending) { // else it was killed meanwhile
        cutOff();
        host.tasks().start("stop", ending::close).join();
      }
    } finally {
      if (node == ending) {
        host.kill();
        storage.crash();
        gone();
      }
    }
  }

  private void drain() {
    Deadline grace = Deadline.after(world.clock(), HttpServerSettings.Timeouts.DEFAULT.shutdown());
    closing.locked(() -> closing.await(open::isEmpty, grace));
  }

  /** Takes it away for ever, with all that is on its disks. */
  public void retire() {
    retired = true;
    powerOff();
  }

  /** Whether it is gone for ever. */
  public boolean isRetired() {
    return retired;
  }

  /** Whether its metadata's disk has no space. */
  public void full(boolean noSpace) {
    storage.setFull(noSpace);
  }

  /** Makes a request of one of the node's front ends, and waits for what comes of it. */
  public Outcome send(Function<GarageNode, HttpHandler> frontEnd, Request request) {
    GarageNode serving = node;
    if (serving == null || stopping || !host.isRunning()) {
      return new Outcome.Refused();
    }
    Exchange exchange = new Exchange(frontEnd.apply(serving), http(request), world.clock());
    open.add(exchange);
    Tasks.Task task = host.tasks().start("http " + request.method(), exchange);
    try {
      return exchange.outcome().await(Deadline.after(world.clock(), request.patience()));
    } catch (GarageException.TimedOut e) {
      task.cancel();
      return new Outcome.Lost("no reply in " + request.patience());
    } finally {
      closing.update(() -> open.remove(exchange));
    }
  }

  private HttpRequest http(Request request) {
    Clock clock = host.clock();
    return new HttpRequest(
        "%016X".formatted(++requests),
        request.method(),
        Objects.requireNonNull(RequestTarget.parse(request.target()), request.target()),
        request.headers(),
        new SlowBody(request.body(), request.sending(), clock),
        request.body().length,
        new HttpRequest.Peer(new Address("client", 1), false));
  }
}
