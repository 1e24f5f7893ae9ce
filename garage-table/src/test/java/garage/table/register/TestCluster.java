package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Deadline;
import garage.common.env.Mailbox;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.db.Batch;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.layout.ConsistencyMode;
import garage.layout.LayoutHistory;
import garage.layout.LayoutVersion;
import garage.layout.Partition;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.rpc.Service;
import garage.rpc.membership.EpochFence;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import garage.table.replication.ShardedPlacement;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replicas of one family of registers in a simulation, joined by calls that are delayed, lost on
 * the way there or back, handled twice, and made again without their first answer, as the seed
 * wants.
 */
final class TestCluster {
  /** The stable epoch of the first layout. */
  private static final long EPOCH = 5;

  private static final Duration SYNC = Duration.ofMillis(2);

  final List<Node> nodes = new ArrayList<>();
  private final Simulation simulation;
  private Faults faults;
  private @Nullable Duration way;
  private ConsistencyMode mode = ConsistencyMode.CONSISTENT;

  /** How often a call goes wrong, in percent. */
  record Faults(int lossPercent, int duplicatePercent, int delayMaxMillis) {}

  TestCluster(Simulation simulation, int count, Faults faults) {
    this.simulation = simulation;
    this.faults = faults;
    for (int i = 0; i < count; i++) {
      nodes.add(new Node(simulation.node("n" + i)));
    }
    nodes.forEach(Node::open);
  }

  /** From now on every message is on its way for this long, and none is lost. */
  void slow(Duration way) {
    heal();
    this.way = way;
  }

  /** From now on calls are only delayed. */
  void heal() {
    faults = new Faults(0, 0, faults.delayMaxMillis);
  }

  /** As {@link #follow(LayoutHistory)}, with quorums of another mode. */
  void follow(LayoutHistory layout, ConsistencyMode consistency) {
    mode = consistency;
    follow(layout);
  }

  /** From now on the nodes follow a layout, and each knows it as far as it has heard. */
  void follow(LayoutHistory layout) {
    nodes.forEach(node -> {
      node.layout = layout;
      node.open();
    });
  }

  Node node(NodeId id) {
    return nodes.stream().filter(n -> n.self().equals(id)).findFirst().orElseThrow();
  }

  /** One replica, and a coordinator. */
  final class Node implements Rpc, Placement {
    final SimNode machine;
    final MemoryStorage storage = new MemoryStorage();
    private final Map<String, Service<?, ?>> services = new HashMap<>();
    private final ReentrantLock layoutLock = new ReentrantLock();
    private @Nullable Register<String> register;
    private @Nullable DoorRounds doors;
    private @Nullable RegisterTransition<String> transition;
    private @Nullable LayoutHistory layout;
    private boolean down;
    private @Nullable Long downSince;
    private int boot;

    Node(SimNode machine) {
      this.machine = machine;
    }

    RegisterTransition<String> transition() {
      return Objects.requireNonNull(transition);
    }

    /** What was not synced is lost, and nobody answers until {@link #restart}. */
    void crash() {
      down = true;
      downSince = simulation.clock().nanos();
      storage.crash();
    }

    void restart() {
      down = false;
      downSince = null;
      open();
    }

    boolean isDown() {
      return down;
    }

    /** Durable at once. */
    void learn(LayoutHistory theirs) {
      layoutLock.lock();
      try {
        LayoutHistory mine = Objects.requireNonNull(layout);
        if (theirs.epoch().compareTo(mine.epoch()) > 0) {
          layout = theirs;
        }
      } finally {
        layoutLock.unlock();
      }
    }

    LayoutHistory history() {
      return Objects.requireNonNull(layout);
    }

    Register<String> register() {
      if (register == null) {
        throw new IllegalStateException("not open");
      }
      return register;
    }

    private void open() {
      storage.crash();
      MemoryStore store = new MemoryStore(storage, trees(), machine.clock(), SYNC);
      HybridClock hybrid = new HybridClock(machine.clock(), machine.id(), ++boot);
      Register.Context context =
          new Register.Context(this, placement(), store, hybrid, machine.clock(), machine.random());
      Doors closed = new Doors(store, machine.clock());
      register = new Register<>(new Texts(), context, closed);
      doors =
          new DoorRounds(
              closed, List.of(new DoorRounds.Family<>(register, _ -> true, this::vacate)), context);
      transition = register.transition(TestCluster.this::isComplete);
    }

    private boolean vacate(byte[] key, Deadline deadline) {
      return register().vacate(key, Objects::isNull, deadline)
          instanceof ConditionalOutcome.Written<String>;
    }

    DoorRounds doors() {
      return Objects.requireNonNull(doors);
    }

    private Placement placement() {
      return layout == null
          ? this
          : new OnePartition(new ShardedPlacement(this::history, mode, new Fence(this)));
    }

    @Override
    public NodeId self() {
      return machine.id();
    }

    @Override
    public Duration awayFor(NodeId node) {
      Long since = node(node).downSince;
      return since == null ? Duration.ZERO : Duration.ofNanos(simulation.clock().nanos() - since);
    }

    @Override
    public <Q, R> void serve(Endpoint<Q, R> endpoint, Service<Q, R> service) {
      services.put(endpoint.name(), service);
    }

    @Override
    public <Q, R> Payload<R> call(
        NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      delay();
      Node target = nodes.stream().filter(n -> n.self().equals(to)).findFirst().orElseThrow();
      if (chance(faults.lossPercent)) {
        throw lost(options.deadline());
      }
      if (target.down || down) {
        throw new GarageException.Unreachable("down");
      }
      if (target != this && chance(faults.duplicatePercent)) {
        simulation.tasks().start("duplicate", () -> late(target, endpoint, request, options));
      }
      Payload<R> answer = target.answer(self(), endpoint, request, options.deadline());
      if (chance(faults.duplicatePercent)) { // the connection is lost before the answer comes
        delay();
        answer = target.answer(self(), endpoint, request, options.deadline());
      }
      delay();
      if (chance(faults.lossPercent)) {
        throw lost(options.deadline());
      }
      return answer;
    }

    private <Q, R> void late(
        Node target, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      delay();
      try {
        target.answer(self(), endpoint, request, options.deadline());
      } catch (GarageException e) {
        simulation.note("a duplicate was refused: " + e.getMessage());
      }
    }

    /** Through the codecs, as over the wire. */
    private <Q, R> Payload<R> answer(
        NodeId from, Endpoint<Q, R> endpoint, Payload<Q> request, Deadline deadline) {
      @SuppressWarnings("unchecked") // registered under this very endpoint
      Service<Q, R> service = (Service<Q, R>) Objects.requireNonNull(services.get(endpoint.name()));
      Q sent = endpoint.request().decode(endpoint.request().encode(request.value()));
      Payload<R> answer =
          service.handle(from, new Payload<>(sent, request.attachment().duplicate()), deadline);
      R received = endpoint.response().decode(endpoint.response().encode(answer.value()));
      return new Payload<>(received, answer.attachment().duplicate());
    }

    private GarageException lost(Deadline deadline) {
      machine.clock().sleep(deadline.remaining(machine.clock()));
      return new GarageException.TimedOut("lost");
    }

    private void delay() {
      if (way != null) {
        simulation.clock().sleep(way);
        return;
      }
      int bound = chance(2) ? 40 * faults.delayMaxMillis : faults.delayMaxMillis;
      simulation.clock().sleep(Duration.ofMillis(simulation.random().nextInt(bound + 1)));
    }

    private boolean chance(int percent) {
      return simulation.random().nextInt(100) < percent;
    }

    @Override
    public <Q, R> Fanout<R> fanout(
        Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      return new Calls<>(this, endpoint, request, options);
    }

    @Override
    public Replicas replicas(Partition partition) {
      int majority = nodes.size() / 2 + 1;
      return Replicas.of(EPOCH, nodes(), majority, majority);
    }

    @Override
    public List<NodeId> nodes() {
      return nodes.stream().map(Node::self).toList();
    }

    @Override
    public int copies() {
      return nodes.size();
    }

    @Override
    public EpochFence fence() {
      return EpochFence.of(() -> EPOCH);
    }

    private final List<Node> nodes = TestCluster.this.nodes;
  }

  /** Whether all of the present set say they have everything. */
  private boolean isComplete(String part, Partition partition) {
    LayoutHistory latest = latest();
    return latest.current().nodesOf(partition).stream()
        .allMatch(id -> node(id).transition().ready(latest.epoch(), partition));
  }

  LayoutHistory latest() {
    return nodes.stream()
        .map(Node::history)
        .max((a, b) -> a.epoch().compareTo(b.epoch()))
        .orElseThrow();
  }

  /** A node's fence; the layout of a sender that is ahead may be lost on the way. */
  private final class Fence implements EpochFence {
    private final Node node;

    Fence(Node node) {
      this.node = node;
    }

    @Override
    public long epoch() {
      return node.history().epoch().number();
    }

    @Override
    public void check(long epoch, @Nullable NodeId from) {
      if (epoch > epoch()) {
        adopt(epoch, Objects.requireNonNull(from));
      }
      if (epoch < epoch()) {
        throw GarageException.Stale.of(epoch());
      }
    }

    @Override
    public <T> T during(long epoch, @Nullable NodeId from, Supplier<T> action) {
      check(epoch, from);
      node.layoutLock.lock();
      try {
        check(epoch, from);
        return action.get();
      } finally {
        node.layoutLock.unlock();
      }
    }

    @Override
    public void adopt(long epoch, NodeId from) {
      node.delay();
      if (node.chance(faults.lossPercent)) {
        throw new GarageException.TimedOut("the layout was lost");
      }
      node.learn(node(from).history());
    }
  }

  private static Set<String> trees() {
    Set<String> trees = new TreeSet<>(RegisterSchema.trees(Texts.NAME));
    trees.add(Doors.TREE);
    return trees;
  }

  /** A placement whose other partitions nobody holds: they would only take time. */
  private record OnePartition(Placement all) implements Placement {
    private static final Partition ONE = new Texts().partition(LayoutSimulationTest.KEY);

    @Override
    public Replicas replicas(Partition partition) {
      return all.replicas(partition);
    }

    @Override
    public List<NodeId> nodes() {
      return all.nodes();
    }

    @Override
    public int copies() {
      return all.copies();
    }

    @Override
    public Optional<LayoutHistory> layout() {
      return all.layout();
    }

    @Override
    public List<Partition> partitions() {
      return List.of(ONE);
    }

    @Override
    public List<NodeId> holders(LayoutVersion version, Partition partition) {
      return partition.equals(ONE) ? all.holders(version, partition) : List.of();
    }

    @Override
    public EpochFence fence() {
      return all.fence();
    }
  }

  private final class Calls<Q, R> implements Fanout<R> {
    private final Node from;
    private final Endpoint<Q, R> endpoint;
    private final Payload<Q> request;
    private final CallOptions options;
    private final Mailbox<Answer<R>> answers;
    private int outstanding;

    Calls(Node from, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      this.from = from;
      this.endpoint = endpoint;
      this.request = request;
      this.options = options;
      this.answers = new Mailbox<>(from.machine.clock(), 64);
    }

    @Override
    public void ask(Collection<NodeId> targets) {
      for (NodeId to : targets) {
        outstanding++;
        simulation.tasks().start("call", () -> answers.offer(call(to)));
      }
    }

    private Answer<R> call(NodeId to) {
      try {
        return new Answer.Success<>(to, from.call(to, endpoint, request, options));
      } catch (GarageException e) {
        return new Answer.Failure<>(to, e);
      }
    }

    @Override
    public @Nullable Answer<R> next(Deadline deadline) {
      if (outstanding == 0) {
        return null;
      }
      Answer<R> answer = answers.take(deadline);
      if (answer != null) {
        outstanding--;
      }
      return answer;
    }

    @Override
    public int outstanding() {
      return outstanding;
    }

    @Override
    public void cancel() {}

    @Override
    public void close() {}
  }

  /** Registers of texts; those that begin with a capital have themselves as body. */
  static final class Texts implements RegisterSchema<String> {
    static final String NAME = "text";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public VersionedCodec<String> codec() {
      return VersionedCodec.first(Codec.STRING);
    }

    @Override
    public String tombstone() {
      return "";
    }

    @Override
    public boolean hasBody(String version) {
      return !version.isEmpty() && Character.isUpperCase(version.charAt(0));
    }

    @Override
    public Partition partition(byte[] key) {
      return Partition.of(Digests.sha256(key));
    }

    @Override
    public void onChange(Change<String> change, Batch batch) {}
  }
}
