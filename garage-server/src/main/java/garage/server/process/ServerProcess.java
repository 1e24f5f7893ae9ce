package garage.server.process;

import garage.block.BlockSettings;
import garage.block.disk.DataDirectory;
import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.env.HostFiles;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemDisk;
import garage.common.env.system.SystemHostFiles;
import garage.common.env.system.SystemRandom;
import garage.common.env.system.SystemTasks;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.db.rocksdb.RocksSettings;
import garage.db.rocksdb.RocksStore;
import garage.db.snapshot.SnapshotPlace;
import garage.http.HttpHandler;
import garage.http.HttpServerSettings;
import garage.http.netty.NettyHttpServer;
import garage.rpc.handshake.NodeIdentity;
import garage.rpc.netty.NettyNetwork;
import garage.rpc.netty.NettySettings;
import garage.server.GarageNode;
import garage.server.Introduction;
import garage.server.NodeEnvironment;
import garage.server.config.DataLocation;
import garage.server.config.GarageConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node on this machine, with its ports, until a signal ends it. */
final class ServerProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);

  /** The directory of the metadata store, in the metadata directory. */
  private static final String STORE = "db";

  /** The directory of snapshots, in the metadata directory, unless another is configured. */
  private static final String SNAPSHOTS = "snapshots";

  private final GarageConfig config;
  private final Map<String, String> variables;
  private final Clock clock = new SystemClock();
  private final Tasks tasks = new SystemTasks();
  private final RandomSource random = new SystemRandom();
  private final HostFiles hostFiles = new SystemHostFiles();

  /** What was opened, to be closed in the opposite order. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable GarageNode node;

  ServerProcess(GarageConfig config, Map<String, String> variables) {
    this.config = config;
    this.variables = Map.copyOf(variables);
  }

  /** Builds the node and lets it join the mesh. */
  void start() {
    config.warnings().forEach(log::warn);
    GarageConfig fitting =
        config.with(PublicAddress.in(config.rpc())).within(Runtime.getRuntime().maxMemory());
    tellOfHeap(fitting);
    GarageNode started = new GarageNode(fitting, hostname(), environment());
    opened.push(started);
    PeerSources.of(config.rpc().reach().discovery(), clock).forEach(started::findPeersIn);
    started.start();
    node = started;
  }

  private void tellOfHeap(GarageConfig fitting) {
    ByteSize wanted = config.data().blocks().ramBufferMax();
    ByteSize given = fitting.data().blocks().ramBufferMax();
    if (!wanted.equals(BlockSettings.DEFAULT.ramBufferMax()) && !given.equals(wanted)) {
      log.warn(
          "block_ram_buffer_max is {}, and {} of it fit the heap: raise GARAGE_HEAP",
          wanted,
          given);
    }
  }

  /** Opens the node's ports. */
  void serve() {
    GarageNode started = running();
    Address s3 = config.s3().bindAddress();
    if (s3 != null) {
      listen(s3, config.s3().tls(), started.s3());
    }
    GarageConfig.Web web = config.web();
    HttpHandler sites = started.web();
    if (web != null && sites != null) {
      listen(web.bindAddress(), web.tls(), sites);
    }
    Address admin = config.admin().bindAddress();
    if (admin != null) {
      listen(admin, config.admin().tls(), started.admin());
    }
    started.serving(s3 != null);
    log.info("node {} serves, S3 on {}, RPC on {}", started.id(), s3, started.rpcAddress());
  }

  /** Makes the node usable alone, and tells how to use it. */
  String introduce(String configPath) {
    return Introduction.of(running(), config, configPath, variables, clock);
  }

  private GarageNode running() {
    GarageNode started = node;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  /** Waits until the process is told to stop. */
  void awaitSignal() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stopped.countDown();
                  awaitUninterruptibly(closed);
                },
                "shutdown"));
    awaitUninterruptibly(stopped);
    log.info("stopping");
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      closeOne(opened.pop());
    }
    closed.countDown();
  }

  private static void closeOne(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) { // the process ends; the rest is closed all the same
      log.warn("closing {}", resource.getClass().getSimpleName(), e);
    }
  }

  private void listen(Address address, GarageConfig.@Nullable Tls tls, HttpHandler handler) {
    CertificateFiles files = tls == null ? null : CertificateFiles.of(tls, hostFiles);
    HttpServerSettings settings = HttpServerSettings.at(address).withCertificates(files);
    opened.push(NettyHttpServer.start(settings, handler, clock, tasks, random));
    if (files != null) {
      Tasks.Task watch = tasks.start("certificate " + address, () -> files.watch(clock));
      opened.push(watch::cancel);
    }
  }

  private NodeEnvironment environment() {
    Path metadata = directory(config.metadata().directory());
    Disk metadataDisk = new SystemDisk(metadata);
    RocksSettings rocks = RocksSettings.defaults().withSync(config.metadata().fsync());
    return new NodeEnvironment(
        clock,
        tasks,
        random,
        metadataDisk,
        dataDirectories(),
        snapshotPlace(metadata),
        () -> {
          NodeIdentity identity = NodeIdentity.loadOrCreate(metadataDisk);
          NettyNetwork network = new NettyNetwork(identity, network(), clock, tasks);
          opened.push(network);
          return new NodeEnvironment.Presence(identity.id(), network);
        },
        trees -> RocksStore.open(metadata.resolve(STORE).toString(), trees, rocks));
  }

  private SnapshotPlace snapshotPlace(Path metadata) {
    String told = config.metadata().snapshotsDirectory();
    Path path = directory(told == null ? metadata.resolve(SNAPSHOTS).toString() : told);
    return new SnapshotPlace(new SystemDisk(path), "", path.toString());
  }

  private NettySettings network() {
    NettySettings defaults = NettySettings.defaults();
    return config.rpc().reach().bindOutgoing()
        ? new NettySettings(
            defaults.eventLoops(), defaults.nativeEngines(), config.rpc().bindAddress().host())
        : defaults;
  }

  private List<DataDirectory> dataDirectories() {
    List<DataDirectory> all = new ArrayList<>();
    for (DataLocation d : config.data().locations()) {
      long weight = d.capacity() == null ? 1 : d.capacity().bytes();
      all.add(
          new DataDirectory(d.path(), new SystemDisk(directory(d.path())), weight, d.readOnly()));
    }
    return all;
  }

  private static Path directory(String name) {
    Path path = Path.of(name).toAbsolutePath().normalize();
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot make the directory " + path + ": " + e, e);
    }
    if (!Files.isWritable(path)) {
      throw new GarageException.StorageFailed("cannot write to the directory " + path, null);
    }
    return path;
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
