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
import garage.layout.Partition;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.rpc.Service;
import garage.rpc.membership.EpochFence;
import garage.table.Placement;
import garage.table.Replicas;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Replicas of one family of registers in a simulation, joined by calls that are delayed, lost on
 * the way there or back, and handled twice, as the seed wants.
 */
final class TestCluster {
  /** The stable epoch of the first layout. */
  private static final long EPOCH = 5;

  private static final Duration SYNC = Duration.ofMillis(2);

  final List<Node> nodes = new ArrayList<>();
  private final Simulation simulation;
  private Faults faults;

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

  /** From now on calls are only delayed. */
  void heal() {
    faults = new Faults(0, 0, faults.delayMaxMillis);
  }

  /** One replica, and a coordinator. */
  final class Node implements Rpc, Placement {
    final SimNode machine;
    private final Map<String, Service<?, ?>> services = new HashMap<>();
    private @Nullable Register<String> register;

    Node(SimNode machine) {
      this.machine = machine;
    }

    Register<String> register() {
      if (register == null) {
        throw new IllegalStateException("not open");
      }
      return register;
    }

    private void open() {
      MemoryStore store =
          new MemoryStore(
              new MemoryStorage(), RegisterSchema.trees(Texts.NAME), machine.clock(), SYNC);
      HybridClock hybrid = new HybridClock(machine.clock(), machine.id(), 1);
      register =
          new Register<>(
              new Texts(),
              new Register.Context(this, this, store, hybrid, machine.clock(), machine.random()));
    }

    @Override
    public NodeId self() {
      return machine.id();
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
      if (chance(faults.duplicatePercent)) {
        simulation.tasks().start("duplicate", () -> late(target, endpoint, request, options));
      }
      Payload<R> answer = target.answer(self(), endpoint, request, options.deadline());
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
    public void onChange(byte[] key, @Nullable String before, String after, Batch batch) {}
  }
}
