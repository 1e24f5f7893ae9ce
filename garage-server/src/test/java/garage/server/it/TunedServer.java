package garage.server.it;

import garage.block.BlockSettings;
import garage.block.disk.DataDirectories;
import garage.block.disk.DataDirectory;
import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.HostFiles;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemDisk;
import garage.common.env.system.SystemHostFiles;
import garage.common.env.system.SystemRandom;
import garage.common.env.system.SystemTasks;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.rocksdb.RocksSettings;
import garage.db.rocksdb.RocksStore;
import garage.http.HttpServerSettings;
import garage.http.HttpServerSettings.Limits;
import garage.http.HttpServerSettings.Timeouts;
import garage.http.netty.NettyHttpServer;
import garage.rpc.handshake.NodeIdentity;
import garage.rpc.netty.NettyNetwork;
import garage.rpc.netty.NettySettings;
import garage.server.GarageNode;
import garage.server.NodeEnvironment;
import garage.server.config.ConfigLoader;
import garage.server.config.ConfigOverrides;
import garage.server.config.GarageConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;

/**
 * The node of the real server, with what its configuration does not offer: short patience with slow
 * clients, blocks that go as soon as nothing refers to them, and a clock that is ahead, so that
 * those that wait to go are due. It takes over the files of a single node that has run before.
 *
 * <p>Told to drain, it ends as soon as there is no trace of an object or an upload, with exit code
 * 0; or with 1 after a minute, when there still is one.
 */
final class TunedServer {
  private static final int DRAIN_LOOKS_MAX = 300;
  private static final Duration DRAIN_PAUSE = Duration.ofMillis(200);

  static final String AHEAD_SECONDS = "test.ahead.seconds";

  static final String PATIENCE_MILLIS = "test.patience.millis";

  static final String DRAIN = "test.drain";

  /** Empty when nothing is stored and nothing is left to do. */
  private static final List<String> QUEUES =
      List.of(
          "block_ref",
          "block_rc",
          "block_due",
          "block_gc",
          "block_list",
          "part",
          "pending_data",
          "release_queue");

  private TunedServer() {}

  /** Serves; the arguments are {@code -c CONFIG} and words that do not matter. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    HostFiles files = new SystemHostFiles();
    ConfigLoader loader = new ConfigLoader(files, ConfigOverrides.ofEnvironment(Map.of()));
    GarageConfig config = impatient(loader.load(arguments[1], true));
    Clock clock = new ClockAhead(Duration.ofSeconds(Long.getLong(AHEAD_SECONDS, 0)));
    Tasks tasks = new SystemTasks();
    RandomSource random = new SystemRandom();
    List<Store> stores = new ArrayList<>();
    Path metadata = Path.of(config.metadata().directory());
    Path data = Path.of(config.data().locations().getFirst().path());
    NodeEnvironment environment =
        new NodeEnvironment(
            clock,
            tasks,
            random,
            new SystemDisk(metadata),
            List.of(new DataDirectory(data.toString(), new SystemDisk(data), 1, false)),
            () -> {
              NodeIdentity identity = NodeIdentity.loadOrCreate(new SystemDisk(metadata));
              return new NodeEnvironment.Presence(
                  identity.id(),
                  new NettyNetwork(identity, NettySettings.defaults(), clock, tasks));
            },
            trees -> {
              Store store =
                  RocksStore.open(
                      metadata.resolve("db").toString(), trees, RocksSettings.defaults());
              stores.add(store);
              return store;
            });
    GarageNode node = new GarageNode(config, "tuned", environment);
    node.start();
    Address s3 = Objects.requireNonNull(config.s3().bindAddress());
    Duration patience = Duration.ofMillis(Long.getLong(PATIENCE_MILLIS, 30_000));
    Timeouts timeouts =
        new Timeouts(patience, patience, patience, patience, patience, Timeouts.DEFAULT.shutdown());
    NettyHttpServer.start(
        new HttpServerSettings(s3, 2, Limits.DEFAULT, timeouts), node.s3(), clock, tasks, random);
    System.err.println("tuned server serves, S3 on " + s3);
    if (Boolean.getBoolean(DRAIN)) {
      System.exit(drain(stores.getFirst(), data, clock));
    }
    Thread.currentThread().join(); // until it is killed
  }

  private static int drain(Store store, Path data, Clock clock) throws IOException {
    for (int i = 0; i < DRAIN_LOOKS_MAX; i++) {
      clock.sleep(DRAIN_PAUSE);
      if (left(store, data).isEmpty()) {
        return 0;
      }
    }
    System.err.println("left: " + left(store, data));
    return 1;
  }

  private static List<String> left(Store store, Path data) throws IOException {
    List<String> left = new ArrayList<>();
    for (String tree : QUEUES) {
      int rows = rows(store, tree);
      if (rows > 0) {
        left.add(rows + " rows of " + tree);
      }
    }
    for (Path file : LivingFiles.in(data)) {
      if (!file.endsWith(DataDirectories.MARKER)) {
        left.add(file.toString());
      }
    }
    return left;
  }

  private static int rows(Store store, String tree) {
    int rows = 0;
    try (Scan scan = store.scan(store.tree(tree), KeyRange.all())) {
      while (scan.next() != null) {
        rows++;
      }
    }
    return rows;
  }

  private static GarageConfig impatient(GarageConfig config) {
    BlockSettings blocks = config.data().blocks();
    return new GarageConfig(
        config.metadata(),
        new GarageConfig.Data(
            config.data().locations(),
            new BlockSettings(
                blocks.blockSize(),
                blocks.compressionLevel(),
                blocks.dataFsync(),
                blocks.ramBufferMax(),
                Duration.ZERO,
                blocks.reserve()),
            config.data().inlineThreshold(),
            config.data().scrub()),
        config.replication(),
        config.rpc(),
        config.s3(),
        config.admin(),
        config.warnings());
  }

  /** The machine's clock, but later. */
  private static final class ClockAhead implements Clock {
    private final Clock machine = new SystemClock();
    private final long aheadMillis;

    ClockAhead(Duration ahead) {
      this.aheadMillis = ahead.toMillis();
    }

    @Override
    public long wallMillis() {
      return machine.wallMillis() + aheadMillis;
    }

    @Override
    public long nanos() {
      return machine.nanos();
    }

    @Override
    public void sleep(Duration duration) {
      machine.sleep(duration);
    }

    @Override
    public void await(Condition condition, Deadline deadline) {
      machine.await(condition, deadline);
    }

    @Override
    public Timer schedule(Duration delay, Runnable action) {
      return machine.schedule(delay, action);
    }
  }
}
