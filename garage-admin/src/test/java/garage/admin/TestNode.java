package garage.admin;

import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.api.RepairType;
import garage.block.BlockBuffer;
import garage.block.Blocks;
import garage.block.disk.BlockSink;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.common.time.HybridClock;
import garage.common.worker.Pace;
import garage.common.worker.RuntimeVariables;
import garage.common.worker.WorkerRunner;
import garage.db.memory.MemoryStore;
import garage.layout.ConsistencyMode;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.layout.ReplicationFactor;
import garage.model.Model;
import garage.model.object.Annotations;
import garage.model.object.Content;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectTables;
import garage.model.object.ObjectVersion;
import garage.model.object.Uploads;
import garage.model.object.Versioning;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.membership.EpochFence;
import garage.rpc.membership.NodeStatus;
import garage.rpc.membership.TransitionProgress;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.MeshEnvironment;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerInfo;
import garage.rpc.peering.RpcSettings;
import garage.table.register.Register;
import garage.table.replication.FullCopyPlacement;
import garage.table.replication.ShardedPlacement;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The admin API over a node's real tables in memory. Other nodes are only said to be there: the
 * test adds them to {@link #others}.
 */
final class TestNode implements LayoutControl, ClusterNodes {
  static final Disk.Space DATA = new Disk.Space(30, 40);
  static final Disk.Space METADATA = new Disk.Space(1, 2);

  final List<PeerInfo> others = new ArrayList<>();
  final List<PeerAddress> connected = new ArrayList<>();
  final Clock clock;
  final Model model;
  final Mesh mesh;
  final ClusterOperations cluster;
  final AdminService service;
  final AdminCalls calls;
  final List<Epoch> epochs = new ArrayList<>();
  final WorkerRunner workers;
  final MemoryStore store;
  final NodeSelf name;
  final List<String> done = new ArrayList<>();

  TransitionProgress progress =
      new TransitionProgress(
          Epoch.NONE, List.of(), 0, List.of(), List.of(), List.of(), new TreeMap<>(), -1);

  /** The role that every node would take. */
  @Nullable NodeRole wanted;

  /** Whether a change of layout ends at once, as if data had moved. */
  boolean settles = true;

  private String workerCount = "1";
  private LayoutHistory history;

  TestNode(Simulation simulation, int copies) {
    SimNode machine = simulation.node("garage-0");
    this.clock = machine.clock();
    this.history = LayoutHistory.initial(new ReplicationFactor(copies));
    this.mesh =
        new Mesh(
            machine.id(),
            RpcSettings.of(
                ClusterSecret.parse("5e".repeat(32)), machine.address(3901), List.of(), "garage-0"),
            new MeshEnvironment(
                clock, machine.tasks(), machine.random(), machine.network(), machine.disk("m")));
    this.store = MemoryStore.immediate(Model.trees(), clock);
    this.name = new NodeSelf(mesh.self().toString(), "garage-0", "9.9", "Java 25", "rocksdb");
    this.workers = new WorkerRunner(clock, machine.tasks());
    HybridClock hybrid = new HybridClock(clock, machine.id(), 1);
    EpochFence fence = EpochFence.of(() -> history().epoch().number());
    ShardedPlacement sharded =
        new ShardedPlacement(this::history, ConsistencyMode.CONSISTENT, fence);
    this.model =
        new Model(
            new Register.Context(mesh, sharded, store, hybrid, clock, machine.random()),
            new FullCopyPlacement(this::history, fence),
            new NoBlocks(),
            ObjectTables.Settings.standard(new Pace(clock)));
    this.cluster =
        new ClusterOperations(
            this,
            this,
            new NodeCalls(mesh, operations()::answer),
            ConsistencyMode.CONSISTENT,
            clock);
    this.service =
        new AdminService(
            cluster,
            new LayoutOperations(this, hybrid),
            new KeyOperations(model.keys(), model.buckets(), clock),
            new BucketOperations(
                model.buckets(), model.keys(), new BucketContents(model, clock), clock),
            tokens());
    this.calls = new AdminCalls(service, "garage", clock);
  }

  /** The tokens, beside one that the configuration has. */
  TokenOperations tokens() {
    return new TokenOperations(model.tokens(), new TokenOperations.Configured(true, false), clock);
  }

  /** Of the store in memory. */
  MetadataCounts counts() {
    return new MetadataCounts() {
      @Override
      public SortedMap<String, Long> rows() {
        SortedMap<String, Long> rows = new TreeMap<>();
        store.trees().forEach(tree -> rows.put(tree, store.approximateCount(store.tree(tree))));
        return rows;
      }

      @Override
      public long batches() {
        return store.statistics().batches();
      }

      @Override
      public long syncs() {
        return store.statistics().syncs();
      }
    };
  }

  private NodeOperations operations() {
    NodeStatistics statistics =
        new NodeStatistics(name, counts(), List.of(new NodeStatistics.Figure("blocks", () -> 7)));
    RuntimeVariables variables =
        new RuntimeVariables(
            List.of(
                RuntimeVariables.Variable.shown("scrub-next-run", () -> "soon"),
                new RuntimeVariables.Variable(
                    "resync-worker-count", () -> workerCount, value -> workerCount = value)));
    return new NodeOperations(
        name,
        new WorkerOperations(workers, variables, clock),
        new Repairs(Map.of(new RepairType.Blocks(), () -> done.add("repair blocks"))),
        new BlockRequests(
            () -> {
              throw new UnsupportedOperationException("there are no blocks here");
            },
            () -> {
              throw new UnsupportedOperationException("there are no blocks here");
            },
            clock),
        new NodeOperations.Actions(() -> done.add("snapshot"), statistics::text));
  }

  Deadline soon() {
    return Deadline.after(clock, Duration.ofSeconds(20));
  }

  /** The answer to a request, which must be one. */
  <R extends AdminResponse> R ask(AdminRequest<R> request) {
    @SuppressWarnings("unchecked") // the request's own type says so
    R answer = (R) service.handle(request, soon());
    return answer;
  }

  /** The code of the error a request ends with. */
  String refusal(AdminRequest<?> request) {
    try {
      return "no error: " + service.handle(request, soon());
    } catch (AdminFailure failure) {
      return failure.error().code() + " " + failure.error().status();
    }
  }

  /** Stores an object of three bytes. */
  void put(Uuid bucket, String key) {
    put(bucket, key, Versioning.NONE);
  }

  /** As above, in a bucket that may keep versions. */
  void put(Uuid bucket, String key, Versioning versioning) {
    ObjectVersion.Stored object =
        new ObjectVersion.Stored(
            new Content.Inline(),
            3,
            "etag",
            clock.wallMillis(),
            List.of(),
            null,
            Annotations.of("GK1"));
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2, 3});
    var to = new garage.model.object.Objects.Target(new ObjectKey(bucket, key), versioning);
    model.objects().objects().put(to, object, bytes, soon());
  }

  /** Begins an upload. */
  void beginUpload(Uuid bucket, String key) {
    model
        .objects()
        .uploads()
        .create(
            new Uploads.Begin(
                new ObjectKey(bucket, key), "GK1", List.of(), Annotations.of("GK1"), null, null),
            soon());
  }

  @Override
  public LayoutHistory history() {
    return history;
  }

  @Override
  public TransitionProgress progress() {
    return progress;
  }

  @Override
  public LayoutHistory update(UnaryOperator<LayoutHistory> change, Deadline deadline) {
    history = change.apply(history);
    epochs.add(history.epoch());
    if (settles) {
      history = history.settle();
    }
    return history;
  }

  @Override
  public NodeId self() {
    return mesh.self();
  }

  @Override
  public List<PeerInfo> all() {
    List<PeerInfo> all = new ArrayList<>(others);
    all.add(Objects.requireNonNull(mesh.peer(mesh.self())));
    return all;
  }

  @Override
  public @Nullable NodeStatus status(NodeId node) {
    if (node.equals(self())) {
      return new NodeStatus("garage-0", "9.9", DATA, METADATA, wanted);
    }
    return wanted == null ? null : new NodeStatus("other", "9.9", DATA, METADATA, wanted);
  }

  @Override
  public NodeId connect(PeerAddress peer, Deadline deadline) {
    if (peer.address().port() == 1) {
      throw new GarageException.Unreachable("nobody is at " + peer);
    }
    connected.add(peer);
    return mesh.self();
  }

  /** Objects are small enough here to need none. */
  private static final class NoBlocks implements Blocks {
    @Override
    public BlockBuffer buffer(int bytes, Deadline deadline) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void put(Hash hash, BlockBuffer plain, Uuid dataId, Deadline deadline) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void reference(Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void release(Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void read(Hash hash, int from, int to, BlockSink sink, Deadline deadline) {
      throw new UnsupportedOperationException();
    }
  }
}
