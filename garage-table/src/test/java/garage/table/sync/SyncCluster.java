package garage.table.sync;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.env.Promise;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.worker.WorkerRunner;
import garage.db.Batch;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.ParallelCalls;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.rpc.Service;
import garage.rpc.Stragglers;
import garage.rpc.membership.EpochFence;
import garage.table.Table;
import garage.table.TableSchema;
import garage.table.register.Register;
import garage.table.register.RegisterScan;
import garage.table.register.RegisterSchema;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Nodes with one table of CRDT rows and one family of registers, kept together by anti-entropy;
 * calls between them are delayed, lost, and handled again much later, as the seed wants.
 */
final class SyncCluster {
  private static final Duration SYNC = Duration.ofMillis(2);
  private static final int CALL_MAX_SECONDS = 60;

  final List<Node> nodes = new ArrayList<>();

  /** How often other nodes were called, by endpoint. */
  final Map<String, Integer> calls = new TreeMap<>();

  private final Simulation simulation;
  private Faults faults;
  private long epoch = 5; // the stable epoch of the first layout
  private List<Replicas.Counting> counting = List.of();
  private List<NodeId> learners = List.of();
  private @Nullable LayoutHistory history;

  /** How often a call goes wrong, in percent; a repeated one comes up to a while later. */
  record Faults(int lossPercent, int repeatPercent, int repeatAfterSeconds) {
    static final Faults NONE = new Faults(0, 0, 0);
  }

  SyncCluster(Simulation simulation, int replicas, int spares, Faults faults) {
    this.simulation = simulation;
    this.faults = faults;
    for (int i = 0; i < replicas + spares; i++) {
      nodes.add(new Node(simulation.node("n" + i)));
    }
    counting = List.of(majority(nodes.subList(0, replicas)));
    nodes.forEach(Node::start);
  }

  static Replicas.Counting majority(List<Node> some) {
    int majority = some.size() / 2 + 1;
    return new Replicas.Counting(some.stream().map(Node::self).toList(), majority, majority);
  }

  /** Every node knows it at once. */
  void layout(long number, List<Replicas.Counting> sets, List<NodeId> learning) {
    epoch = number;
    counting = sets;
    learners = learning;
  }

  /** As {@link #layout(long, List, List)}, as {@code next} has it. */
  void layout(LayoutHistory next) {
    Partition any = Partition.of(0);
    List<Replicas.Counting> sets =
        next.countingSets(any).stream()
            .map(set -> new Replicas.Counting(set.nodes(), 2, 2))
            .toList();
    List<NodeId> counting = sets.stream().flatMap(set -> set.nodes().stream()).toList();
    layout(
        next.epoch().number(),
        sets,
        next.receivingNodes(any).stream().filter(id -> !counting.contains(id)).toList());
    history = next;
  }

  void heal() {
    faults = Faults.NONE;
  }

  /** A node: a replica, and a coordinator. */
  final class Node implements Rpc, Placement {
    final SimNode machine;
    private MemoryStorage storage = new MemoryStorage();
    private int boots;
    private @Nullable Life life;
    boolean away = true;

    Node(SimNode machine) {
      this.machine = machine;
    }

    private final class Life {
      final Map<String, Service<?, ?>> services = new HashMap<>();
      final MemoryStore store;
      final Table<Mark> table;
      final Register<String> register;
      final RegisterScan<String> scan;
      final WorkerRunner workers;

      Life(Rpc rpc) {
        Set<String> trees = new TreeSet<>(Table.trees(Marks.NAME));
        trees.addAll(RegisterSchema.trees(Texts.NAME));
        store = new MemoryStore(storage, trees, machine.clock(), SYNC);
        life = this;
        HybridClock hybrid = new HybridClock(machine.clock(), machine.id(), ++boots);
        Placement placement = Node.this;
        table = new Table<>(new Marks(), rpc, new Following(placement), store, hybrid);
        var registers =
            new Register.Context(rpc, placement, store, hybrid, machine.clock(), machine.random());
        register = new Register<>(new Texts(), registers);
        scan = new RegisterScan<>(register, new Texts(), registers);
        var context = new RowSync.Context(rpc, placement, hybrid, machine.clock());
        AntiEntropy antiEntropy =
            new AntiEntropy(
                List.of(
                    new RowSync(
                        table.synced(),
                        new RowSync.Context(
                            rpc, new Following(placement), hybrid, machine.clock())),
                    new RowSync(register.synced(), context)),
                machine.clock(),
                machine.random());
        workers = new WorkerRunner(machine.clock(), machine.tasks());
        workers.start(antiEntropy);
        workers.start(table.tombstoneCollector(machine.clock()));
      }
    }

    void start() {
      if (!machine.isRunning()) {
        machine.start();
      }
      away = true;
      life = new Life(this);
      away = false;
    }

    /** Loses what was not synced; it is away until {@link #start}. */
    void crash() {
      away = true;
      running().store.crash();
      machine.kill();
    }

    /** Loses everything. */
    void wipe() {
      crash();
      storage = new MemoryStorage();
      start();
    }

    private Life running() {
      return Objects.requireNonNull(life);
    }

    Table<Mark> table() {
      return running().table;
    }

    Register<String> register() {
      return running().register;
    }

    RegisterScan<String> scan() {
      return running().scan;
    }

    String workers() {
      return running().workers.list().toString();
    }

    List<Mark> marks() {
      return table().localAll(_ -> true);
    }

    Deadline deadline(int seconds) {
      return Deadline.after(machine.clock(), Duration.ofSeconds(seconds));
    }

    @Override
    public NodeId self() {
      return machine.id();
    }

    @Override
    public <Q, R> void serve(Endpoint<Q, R> endpoint, Service<Q, R> service) {
      running().services.put(endpoint.name(), service);
    }

    @Override
    public <Q, R> Payload<R> call(
        NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      Node target = nodes.stream().filter(n -> n.self().equals(to)).findFirst().orElseThrow();
      if (target == this) {
        return answer(self(), endpoint, request, options.deadline());
      }
      calls.merge(endpoint.name(), 1, Integer::sum);
      delay();
      if (target.away || away) {
        throw new GarageException.Unreachable(target.machine.name() + " is away");
      }
      if (chance(faults.repeatPercent)) {
        simulation.tasks().start("repeat", () -> again(target, endpoint, request, options));
      }
      if (chance(faults.lossPercent)) {
        throw lost(options.deadline());
      }
      Payload<R> answer = served(target, endpoint, request, options);
      delay();
      if (chance(faults.lossPercent)) {
        throw lost(options.deadline());
      }
      return answer;
    }

    /** By a task of the other node, which dies with it. */
    private <Q, R> Payload<R> served(
        Node target, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      Promise<Payload<R>> promise = new Promise<>(machine.clock());
      target
          .machine
          .tasks()
          .start(
              "serve",
              () -> {
                try {
                  promise.complete(target.answer(self(), endpoint, request, options.deadline()));
                } catch (GarageException e) {
                  promise.fail(e);
                }
              });
      return promise.await(deadline(CALL_MAX_SECONDS).earlier(options.deadline()));
    }

    private <Q, R> void again(
        Node target, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      int seconds = simulation.random().nextInt(faults.repeatAfterSeconds + 1);
      simulation.clock().sleep(Duration.ofSeconds(seconds));
      if (target.away) {
        return;
      }
      try {
        target.answer(self(), endpoint, request, options.deadline());
      } catch (GarageException e) {
        simulation.note("a repeated message was refused: " + e.getMessage());
      }
    }

    /** Through the codecs, as over the wire. */
    private <Q, R> Payload<R> answer(
        NodeId from, Endpoint<Q, R> endpoint, Payload<Q> request, Deadline deadline) {
      @SuppressWarnings("unchecked") // registered under this very endpoint
      Service<Q, R> service =
          (Service<Q, R>) Objects.requireNonNull(running().services.get(endpoint.name()));
      Q sent = endpoint.request().decode(endpoint.request().encode(request.value()));
      Payload<R> answer =
          service.handle(from, new Payload<>(sent, request.attachment().duplicate()), deadline);
      R received = endpoint.response().decode(endpoint.response().encode(answer.value()));
      return new Payload<>(received, answer.attachment().duplicate());
    }

    private GarageException lost(Deadline deadline) {
      Duration left = deadline.remaining(machine.clock());
      Duration most = Duration.ofSeconds(CALL_MAX_SECONDS);
      machine.clock().sleep(left.compareTo(most) < 0 ? left : most);
      return new GarageException.TimedOut("lost");
    }

    private void delay() {
      machine.clock().sleep(Duration.ofMillis(1 + simulation.random().nextInt(8)));
    }

    private boolean chance(int percent) {
      return simulation.random().nextInt(100) < percent;
    }

    @Override
    public <Q, R> Fanout<R> fanout(
        Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      return new ParallelCalls<>(
          this,
          machine.clock(),
          machine.tasks(),
          new ParallelCalls.Request<>(endpoint, request, options),
          new Stragglers());
    }

    @Override
    public Replicas replicas(Partition partition) {
      return new Replicas(epoch, counting, learners);
    }

    @Override
    public List<NodeId> nodes() {
      return nodes.stream().map(Node::self).toList();
    }

    @Override
    public List<Partition> partitions() {
      return List.of(Partition.of(0), Partition.of(1));
    }

    @Override
    public int copies() {
      return 3;
    }

    @Override
    public EpochFence fence() {
      return EpochFence.of(() -> epoch);
    }

    private final List<Node> nodes = SyncCluster.this.nodes;
  }

  /** A placement with the history it follows from, if there is one. */
  private final class Following implements Placement {
    private final Placement placement;

    Following(Placement placement) {
      this.placement = placement;
    }

    @Override
    public Replicas replicas(Partition partition) {
      return placement.replicas(partition);
    }

    @Override
    public List<NodeId> nodes() {
      return placement.nodes();
    }

    @Override
    public List<Partition> partitions() {
      return placement.partitions();
    }

    @Override
    public int copies() {
      return placement.copies();
    }

    @Override
    public Optional<LayoutHistory> layout() {
      return Optional.ofNullable(history);
    }

    @Override
    public EpochFence fence() {
      return placement.fence();
    }
  }

  /** A row: its value only grows, and deleted it stays. */
  record Mark(String group, String name, long value, boolean deleted) {
    static final VersionedCodec<Mark> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, m) -> out.string(m.group).string(m.name).varint(m.value).bool(m.deleted),
                in -> new Mark(in.string(), in.string(), in.varint(), in.bool())));
  }

  /** The table of marks, in two partitions. */
  static final class Marks implements TableSchema<Mark> {
    static final String NAME = "mark";

    static byte[] partitionKey(String group) {
      return new Writer().string(group).toBytes();
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public VersionedCodec<Mark> codec() {
      return Mark.CODEC;
    }

    @Override
    public byte[] partitionKey(Mark mark) {
      return partitionKey(mark.group());
    }

    @Override
    public byte[] sortKey(Mark mark) {
      return mark.name().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Partition partition(byte[] partitionKey) {
      return Partition.of(Digests.sha256(partitionKey).value().firstByte() & 1);
    }

    @Override
    public Mark merge(Mark one, Mark other) {
      long value = Math.max(one.value(), other.value());
      return new Mark(one.group(), one.name(), value, one.deleted() || other.deleted());
    }

    @Override
    public boolean isTombstone(Mark mark) {
      return mark.deleted();
    }
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
      return Partition.of(Digests.sha256(Arrays.copyOf(key, key.length)).value().firstByte() & 1);
    }

    @Override
    public void onChange(Change<String> change, Batch batch) {}
  }
}
