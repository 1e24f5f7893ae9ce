package garage.server;

import garage.admin.AutoLayout;
import garage.admin.ClusterNodes;
import garage.admin.LayoutControl;
import garage.admin.NodeSelf;
import garage.admin.http.AdminHttp;
import garage.block.BlockMemory;
import garage.block.BlockPeers;
import garage.block.BlockSettings;
import garage.block.BlockStore;
import garage.block.BlockTrees;
import garage.block.BlockUpkeep;
import garage.block.LayoutPlacement;
import garage.block.ReplicatedBlocks;
import garage.block.disk.BlockFiles;
import garage.block.disk.DataDirectories;
import garage.block.disk.DataDirectory;
import garage.block.disk.SpaceGuard;
import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Disk;
import garage.common.env.Network;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.metrics.Metrics;
import garage.common.time.HybridClock;
import garage.common.worker.Worker;
import garage.common.worker.WorkerRunner;
import garage.db.Store;
import garage.db.TreeOptions;
import garage.db.snapshot.SnapshotWorker;
import garage.db.snapshot.Snapshots;
import garage.http.HttpHandler;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.model.Model;
import garage.model.lifecycle.LifecycleCalendar;
import garage.model.lifecycle.LifecycleWorker;
import garage.model.object.ObjectTables;
import garage.rpc.membership.Membership;
import garage.rpc.membership.NodeStatus;
import garage.rpc.membership.TransitionProgress;
import garage.rpc.peering.CallMetrics;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.MeshEnvironment;
import garage.rpc.peering.PeerListener;
import garage.rpc.peering.PeerSource;
import garage.s3api.S3Service;
import garage.s3api.call.S3Settings;
import garage.s3api.web.WebSettings;
import garage.server.config.GarageConfig;
import garage.table.register.Register;
import garage.table.register.RegisterTransition;
import garage.table.replication.FullCopyPlacement;
import garage.table.replication.Placement;
import garage.table.replication.ShardedPlacement;
import garage.table.sync.MerkleIndex;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A node: everything that serves one copy of the cluster's data, put together top to bottom. What
 * it stands on - the machine or a simulation of it - is handed in, and its front ends are handlers
 * that whoever runs it puts behind a port.
 */
public final class GarageNode implements AutoCloseable {
  private final NodeEnvironment environment;
  private final Mesh mesh;
  private final Membership membership;
  private final Store store;
  private final BlockStore blockStore;
  private final BlockFiles blockFiles;
  private final BlockUpkeep blockUpkeep;
  private final Model model;
  private final WorkerRunner workers;
  private final LifecycleWorker lifecycle;
  private final HybridClock hybrid;
  private final S3Service s3;
  private final @Nullable HttpHandler web;
  private final AdminHttp admin;
  private final Network network;
  private final List<Worker> background = new ArrayList<>();
  private final AtomicBoolean serving = new AtomicBoolean();

  /**
   * Builds a node from its settings; nothing runs before {@link #start}.
   *
   * @param hostname shown to the operator
   */
  public GarageNode(GarageConfig config, String hostname, NodeEnvironment environment) {
    this.environment = environment;
    Clock clock = environment.clock();
    this.store = environment.store().apply(trees());
    Memory.check(environment.metadata(), store);
    NodeEnvironment.Presence presence = environment.presence().get();
    int boot = BootCount.next(environment.metadata());
    this.hybrid = new HybridClock(clock, presence.id(), boot);

    this.network = presence.network();
    MeshEnvironment meshEnvironment =
        new MeshEnvironment(
            clock, environment.tasks(), environment.random(), network, environment.metadata());
    this.mesh = new Mesh(presence.id(), config.rpc().settings(hostname), meshEnvironment);
    NodeRole wanted = wantedRole(config.replication().wanted());
    LayoutHistory first = LayoutHistory.initial(config.replication().factor());
    this.membership = new Membership(mesh, meshEnvironment, first, () -> status(hostname, wanted));

    this.blockFiles = blockFiles(config);
    this.blockStore =
        BlockStore.open(blockFiles, store, clock, config.data().blocks().collectDelay());
    BlockPeers blockPeers = blockPeers(config);
    this.blockUpkeep =
        new BlockUpkeep(blockStore, blockPeers, environment.random(), config.data().scrub());
    membership.join(blockUpkeep.transition());
    BlockMemory memory = blockMemory(config.data().blocks(), clock);
    ReplicatedBlocks blocks =
        new ReplicatedBlocks(blockStore, blockPeers, memory, environment.tasks());
    this.model = model(config, blocks);
    joinRegisters();
    this.workers = new WorkerRunner(clock, environment.tasks());
    Metrics metrics = new Metrics();
    S3Settings settings = s3Settings(config, presence.id(), midnight(config, clock));
    this.s3 = new S3Service(model, clock, environment.tasks(), settings, metrics);
    this.web = webSites(config, presence.id(), metrics);
    mesh.count(new CallMetrics(metrics));
    LifecycleCalendar calendar =
        new LifecycleCalendar(config.lifecycle().day(), midnight(config, clock));
    this.lifecycle = model.lifecycle(environment.tasks(), calendar, mesh::isUp);
    background.add(lifecycle);
    Snapshots snapshots = NodeSnapshots.of(store, environment);
    addPeriodic(config, wanted, snapshots);
    show(memory, metrics);
    this.admin = admin(config, hostname, snapshots, metrics);
  }

  private NodeStatus status(String hostname, @Nullable NodeRole wanted) {
    return new NodeStatus(
        hostname, Version.NUMBER, dataSpace(), environment.metadata().space(), wanted);
  }

  /** The registers take part in changes of layout. */
  private void joinRegisters() {
    for (RegisterTransition<?> part : model.registerTransitions(membership::isComplete)) {
      membership.join(part);
      background.add(part);
    }
  }

  private static void show(BlockMemory memory, Metrics metrics) {
    metrics.onRead(text ->
        text.gauge(
            "block_ram_buffer_free_kb",
            "Memory left for blocks on their way, in KiB",
            memory.free() >> 10));
  }

  private Model model(GarageConfig config, ReplicatedBlocks blocks) {
    Placement sharded =
        new ShardedPlacement(
            membership::history,
            config.replication().consistency(),
            membership.fence(),
            membership.preference());
    Clock clock = environment.clock();
    return new Model(
        new Register.Context(mesh, sharded, store, hybrid, clock, environment.random()),
        new FullCopyPlacement(membership::history, membership.fence()),
        blocks,
        new ObjectTables.Settings(
            metadataSpace(config)::spend,
            config.data().blocks().collectDelay(),
            blockStore.pace()));
  }

  private AdminHttp admin(
      GarageConfig config, String hostname, Snapshots snapshots, Metrics metrics) {
    NodeSelf self =
        new NodeSelf(
            id().toString(), hostname, Version.NUMBER, "Java " + Runtime.version(), "rocksdb");
    NodeAdmin.Parts parts =
        new NodeAdmin.Parts(
            mesh,
            membership,
            store,
            blockUpkeep.operations(),
            model,
            lifecycle,
            workers,
            snapshots,
            metrics);
    return new NodeAdmin(this, config, environment).http(parts, self);
  }

  private BlockFiles blockFiles(GarageConfig config) {
    return new BlockFiles(
        DataDirectories.open(
            environment.metadata(),
            environment.data(),
            environment.random(),
            recovery(config),
            () -> BlockStore.doubt(store)),
        config.data().blocks().dataFsync(),
        config.data().blocks().compressionLevel(),
        config.data().blocks().reserve(),
        environment.clock());
  }

  /** What is done from time to time if the configuration asks for it. */
  private void addPeriodic(GarageConfig config, @Nullable NodeRole wanted, Snapshots snapshots) {
    Clock clock = environment.clock();
    Duration snapshotEvery = config.metadata().autoSnapshotInterval();
    if (snapshotEvery != null) {
      background.add(new SnapshotWorker(snapshots, snapshotEvery, clock, environment.random()));
    }
    if (wanted != null) {
      boolean expectsPeers = !config.rpc().bootstrapPeers().isEmpty();
      background.add(
          new AutoLayout(ClusterNodes.of(mesh, membership), layout(), hybrid, clock, expectsPeers));
    }
  }

  /** Looks for peers in {@code source} too; said before {@link #start}. */
  public void findPeersIn(PeerSource source) {
    mesh.findIn(source);
  }

  /** Joins the mesh and starts the background work. */
  public void start() {
    mesh.start();
    membership.start();
    model.workers().forEach(workers::start);
    blockUpkeep.workers().forEach(workers::start);
    model.transitions().forEach(membership::join);
    mesh.listen(
        new PeerListener() {
          @Override
          public void connected(NodeId peer) {
            model.antiEntropy().peerReturned(peer);
            blockUpkeep.connected(peer);
          }

          @Override
          public void lost(NodeId peer) {}
        });
    background.forEach(this::start);
  }

  private void start(Worker worker) {
    WorkerRunner.Handle handle = workers.start(worker);
    if (worker instanceof RegisterTransition<?>) {
      membership.onLayoutChange(_ -> handle.wake());
    }
  }

  /** Answers S3 requests. */
  public HttpHandler s3() {
    return s3;
  }

  /** Answers browsers; null if no web sites are served. */
  public @Nullable HttpHandler web() {
    return web;
  }

  /** Answers the admin API, health and metrics. */
  public HttpHandler admin() {
    return admin;
  }

  /** Tells {@link #admin} whether S3 requests are answered. */
  public void serving(boolean now) {
    serving.set(now);
  }

  boolean isServing() {
    return serving.get();
  }

  /** This node. */
  public NodeId id() {
    return mesh.self();
  }

  /** Where peers and commands reach it. */
  public Address rpcAddress() {
    return mesh.address();
  }

  Model model() {
    return model;
  }

  LayoutControl layout() {
    return new LayoutControl() {
      @Override
      public LayoutHistory history() {
        return membership.history();
      }

      @Override
      public TransitionProgress progress() {
        return membership.progress();
      }

      @Override
      public LayoutHistory update(UnaryOperator<LayoutHistory> change, Deadline deadline) {
        return membership.update(change, deadline);
      }
    };
  }

  HybridClock hybrid() {
    return hybrid;
  }

  @Override
  public void close() {
    workers.close();
    membership.close();
    mesh.close();
    blockStore.close();
    blockFiles.close();
    store.close();
  }

  private @Nullable NodeRole wantedRole(GarageConfig.@Nullable WantedRole wanted) {
    if (wanted == null) {
      return null;
    }
    ByteSize told = wanted.capacity();
    long bytes = told == null ? dataSpace().total() : told.bytes();
    long bounded = Math.clamp(bytes, NodeRole.CAPACITY_BYTES_MIN, NodeRole.CAPACITY_BYTES_MAX);
    return NodeRole.storage(wanted.zone(), new ByteSize(bounded), List.of());
  }

  /** The space of the data directories that may be written to. */
  Disk.Space dataSpace() {
    long available = 0;
    long total = 0;
    for (DataDirectory directory : environment.data()) {
      if (!directory.readOnly()) {
        Disk.Space space = directory.disk().space();
        available += space.available();
        total += space.total();
      }
    }
    return new Disk.Space(available, total);
  }

  private static Map<String, TreeOptions> trees() {
    Map<String, TreeOptions> trees = new HashMap<>(BlockTrees.all());
    Model.trees().forEach(name -> trees.put(name, TreeOptions.rows()));
    trees.put(Memory.TREE, TreeOptions.rows());
    trees.put(ObjectTables.bodyTree(), TreeOptions.bulk());
    MerkleIndex.trees().forEach(name -> trees.put(name, TreeOptions.scanned().withValueBytes(8)));
    return trees;
  }

  private SpaceGuard metadataSpace(GarageConfig config) {
    return new SpaceGuard(
        config.metadata().directory(),
        environment.metadata(),
        config.data().blocks().reserve(),
        environment.clock());
  }

  private static DataDirectories.Recovery recovery(GarageConfig config) {
    return config.replication().factor().copies() > 1
        ? DataDirectories.Recovery.FROM_PEERS
        : DataDirectories.Recovery.NONE;
  }

  private BlockPeers blockPeers(GarageConfig config) {
    return new BlockPeers(
        mesh,
        membership.preference(),
        membership.fence(),
        new LayoutPlacement(membership::history, config.replication().consistency()),
        environment.clock());
  }

  private static BlockMemory blockMemory(BlockSettings config, Clock clock) {
    return new BlockMemory(
        clock, Math.toIntExact(config.blockSize().bytes()), config.ramBufferMax().bytes());
  }

  private @Nullable HttpHandler webSites(GarageConfig config, NodeId id, Metrics metrics) {
    GarageConfig.Web sites = config.web();
    return sites == null
        ? null
        : s3.webSites(
            new WebSettings(sites.rootDomain(), sites.countsHosts(), id.shortHex()), metrics);
  }

  private static ZoneId midnight(GarageConfig config, Clock clock) {
    return config.lifecycle().localMidnight() ? clock.zone() : ZoneOffset.UTC;
  }

  private static S3Settings s3Settings(GarageConfig config, NodeId id, ZoneId midnight) {
    return new S3Settings(
        config.s3().region(),
        config.s3().rootDomain(),
        Math.toIntExact(config.data().blocks().blockSize().bytes()),
        Math.toIntExact(config.data().inlineThreshold().bytes()),
        config.s3().ownership(),
        id.shortHex(),
        midnight,
        config.s3().partBytesMin());
  }
}
