package garage.server.config;

import garage.block.BlockSettings;
import garage.common.env.Address;
import garage.common.env.HostFiles;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.time.Durations;
import garage.layout.ConsistencyMode;
import garage.layout.NodeRole;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.model.acl.ObjectOwnership;
import garage.rpc.peering.PeerAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns {@code garage.toml} and its overrides into a {@link GarageConfig}, or fails with one line
 * for the user: the file, the line where it can be found, the key, and what is wrong with it.
 */
public final class ConfigLoader {
  /** More often would mostly copy what is about to change; upstream's bound. */
  private static final Duration SNAPSHOT_INTERVAL_MIN = Duration.ofMinutes(10);

  /** A longer one would let nobody see what is wrong with it. */
  private static final Duration DAY = Duration.ofDays(1);

  /** The zone of nodes that do not say theirs. */
  private static final String DEFAULT_ZONE = "default";

  private static final ByteSize BLOCK_SIZE_MIN = new ByteSize(4 << 10);

  /** Half the largest message between nodes, since a block travels in one. */
  private static final ByteSize BLOCK_SIZE_MAX = new ByteSize(16 << 20);

  /** A buffer smaller than a few blocks would make every request wait for every other. */
  private static final int BUFFERED_BLOCKS_MIN = 4;

  private static final ByteSize RAM_BUFFER_MAX = new ByteSize(1L << 40);
  private static final ByteSize INLINE_THRESHOLD = new ByteSize(64 << 10);
  private static final ByteSize INLINE_THRESHOLD_MAX = new ByteSize(1 << 20);
  private static final long COMPRESSION_MIN = -99;
  private static final long COMPRESSION_MAX = 22;

  private static final Set<String> OTHER_ENGINES =
      Set.of("lmdb", "heed", "sqlite", "sqlite3", "rusqlite");

  private final HostFiles files;
  private final ConfigOverrides overrides;

  /** {@code overrides} are those of the command line and the environment. */
  public ConfigLoader(HostFiles files, ConfigOverrides overrides) {
    this.files = files;
    this.overrides = overrides;
  }

  /** Where a command looks for its file when it is not told, in order. */
  public static final List<String> DEFAULT_PATHS =
      List.of("/etc/garage.toml", "./garage-data/garage.toml");

  /**
   * The file to read: the one told, or the first of {@link #DEFAULT_PATHS} there is.
   *
   * @throws GarageException.Missing if there is none
   */
  public String path() {
    String told = overrides.get("config");
    if (told != null) {
      return told;
    }
    for (String path : DEFAULT_PATHS) {
      if (files.exists(path)) {
        return path;
      }
    }
    throw new GarageException.Missing(
        "there is no configuration file: name it with -c or GARAGE_CONFIG_FILE (looked for "
            + String.join(", ", DEFAULT_PATHS)
            + ")");
  }

  /**
   * The settings of a node.
   *
   * @param singleNode whether one copy is meant where the file does not say how many
   * @throws GarageException.InvalidInput with a message for the user
   */
  public GarageConfig load(String path, boolean singleNode) {
    TomlText toml = toml(path);
    List<String> warnings = new ArrayList<>();
    new KeyCheck(toml, warnings).check();
    Section root = Section.root(toml);
    boolean othersMayRead =
        flagOverride("allow-world-readable-secrets")
            || root.flag("allow_world_readable_secrets", false);
    Secrets secrets = new Secrets(files, overrides, othersMayRead);
    engine(root, warnings);
    return new GarageConfig(
        metadata(root),
        data(root),
        replication(root, singleNode),
        RpcSection.read(root, secrets),
        s3(root),
        web(root),
        lifecycle(root),
        admin(root.section("admin"), secrets),
        warnings);
  }

  /**
   * What the command line needs to reach its node, from the same file. Keys it does not need are
   * not looked at, and neither is the mode of the secret's file: whoever may read it, may.
   */
  public CommandConfig loadForCommand() {
    String target = overrides.get("rpc-host");
    String value = overrides.get("rpc-secret");
    if (target != null && value != null) {
      return new CommandConfig(null, null, null, peer(target), new Secret(value));
    }
    Section root = Section.root(toml(path()));
    Secret secret = new Secrets(files, overrides, true).find(root, "rpc_secret");
    return new CommandConfig(
        root.requiredText("metadata_dir"),
        bindAddress(root),
        root.address("rpc_public_addr"),
        target == null ? null : peer(target),
        secret);
  }

  private static PeerAddress peer(String rpcHost) {
    try {
      return PeerAddress.parse(rpcHost);
    } catch (IllegalArgumentException e) {
      throw new GarageException.InvalidInput("--rpc-host: " + e.getMessage());
    }
  }

  static Address bindAddress(Section root) {
    Address bind = root.address("rpc_bind_addr");
    if (bind == null) {
      throw root.invalid("rpc_bind_addr", "is missing, for example \"[::]:3901\"");
    }
    return bind;
  }

  private TomlText toml(String path) {
    return new TomlText(path, new String(files.read(path), StandardCharsets.UTF_8));
  }

  private boolean flagOverride(String option) {
    String value = overrides.get(option);
    return value != null && (value.equals("true") || value.equals("1"));
  }

  private static void engine(Section root, List<String> warnings) {
    String engine = root.text("db_engine");
    if (engine == null || engine.equals("rocksdb")) {
      return;
    }
    if (!OTHER_ENGINES.contains(engine)) {
      throw root.invalid("db_engine", "must be \"rocksdb\", not \"" + engine + "\"");
    }
    warnings.add("db_engine = \"" + engine + "\" has no effect: metadata is kept in RocksDB");
  }

  private static GarageConfig.Metadata metadata(Section root) {
    Duration interval = root.parsed("metadata_auto_snapshot_interval", Durations::parse);
    if (interval != null && interval.compareTo(SNAPSHOT_INTERVAL_MIN) < 0) {
      throw root.invalid("metadata_auto_snapshot_interval", "must be at least 10 minutes");
    }
    return new GarageConfig.Metadata(
        root.requiredText("metadata_dir"),
        root.flag("metadata_fsync", true),
        root.text("metadata_snapshots_dir"),
        interval);
  }

  private static GarageConfig.Data data(Section root) {
    BlockSettings defaults = BlockSettings.DEFAULT;
    ByteSize blockSize =
        root.size("block_size", defaults.blockSize(), BLOCK_SIZE_MIN, BLOCK_SIZE_MAX);
    ByteSize bufferMin = new ByteSize(BUFFERED_BLOCKS_MIN * blockSize.bytes());
    ByteSize buffer =
        root.size(
            "block_ram_buffer_max",
            larger(defaults.ramBufferMax(), bufferMin),
            bufferMin,
            RAM_BUFFER_MAX);
    BlockSettings blocks =
        new BlockSettings(
            blockSize,
            compression(root),
            root.flag("data_fsync", true),
            buffer,
            defaults.collectDelay(),
            defaults.reserve());
    return new GarageConfig.Data(
        locations(root),
        blocks,
        root.size("inline_threshold", INLINE_THRESHOLD, new ByteSize(0), INLINE_THRESHOLD_MAX),
        !root.flag("disable_scrub", false));
  }

  private static ByteSize larger(ByteSize a, ByteSize b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static List<DataLocation> locations(Section root) {
    if (!(root.raw("data_dir") instanceof List<?>)) {
      return List.of(new DataLocation(root.requiredText("data_dir"), null, false));
    }
    List<DataLocation> all = new ArrayList<>();
    for (Section entry : root.sections("data_dir")) {
      ByteSize capacity = entry.size("capacity");
      boolean readOnly = entry.flag("read_only", false);
      if ((capacity != null) == readOnly || (capacity != null && capacity.bytes() == 0)) {
        throw entry.invalid("path", "needs either a capacity above zero or read_only = true");
      }
      all.add(new DataLocation(entry.requiredText("path"), capacity, readOnly));
    }
    if (all.stream().allMatch(DataLocation::readOnly)) {
      throw root.invalid("data_dir", "must name a directory that is not read-only");
    }
    return all;
  }

  private static OptionalInt compression(Section root) {
    if ("none".equals(root.raw("compression_level"))) {
      return OptionalInt.empty();
    }
    Long level = root.number("compression_level", COMPRESSION_MIN, COMPRESSION_MAX);
    return level == null
        ? BlockSettings.DEFAULT.compressionLevel()
        : OptionalInt.of(Math.toIntExact(level));
  }

  private static GarageConfig.Replication replication(Section root, boolean singleNode) {
    Long factor = root.number("replication_factor", 1, ReplicationFactor.COPIES_MAX);
    if (factor == null && !singleNode) {
      throw root.invalid("replication_factor", "is missing: write 1 for one node, 3 for a cluster");
    }
    if (factor != null && factor > 1 && singleNode) {
      throw root.invalid("replication_factor", "must be 1 with --single-node");
    }
    String mode = root.text("consistency_mode");
    ConsistencyMode consistency =
        mode == null ? ConsistencyMode.CONSISTENT : consistency(root, mode);
    return new GarageConfig.Replication(
        new ReplicationFactor(factor == null ? 1 : Math.toIntExact(factor)),
        consistency,
        wanted(root));
  }

  private static GarageConfig.@Nullable WantedRole wanted(Section root) {
    Zone zone = root.parsed("zone", Zone::new);
    ByteSize capacity = root.size("capacity");
    if (capacity != null && capacity.bytes() < NodeRole.CAPACITY_BYTES_MIN) {
      throw root.invalid("capacity", "must be at least 1 KiB");
    }
    if (!root.flag("auto_layout", false)) {
      return null;
    }
    return new GarageConfig.WantedRole(zone == null ? new Zone(DEFAULT_ZONE) : zone, capacity);
  }

  private static ConsistencyMode consistency(Section root, String mode) {
    try {
      return ConsistencyMode.parse(mode);
    } catch (GarageException.InvalidInput e) {
      throw root.invalid("consistency_mode", "is wrong: " + e.getMessage());
    }
  }

  private static GarageConfig.S3 s3(Section root) {
    Section s3 = root.section("s3_api");
    ObjectOwnership ownership = s3.parsed("default_object_ownership", ConfigLoader::ownership);
    return new GarageConfig.S3(
        s3.address("api_bind_addr"),
        s3.requiredText("s3_region"),
        s3.text("root_domain"),
        tls(s3),
        ownership == null ? ObjectOwnership.BUCKET_OWNER_ENFORCED : ownership);
  }

  private static ObjectOwnership ownership(String name) {
    return ObjectOwnership.named(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "use BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter"));
  }

  private static GarageConfig.@Nullable Web web(Section root) {
    if (!root.has("s3_web")) {
      return null;
    }
    Section web = root.section("s3_web");
    Address bind = web.address("bind_addr");
    if (bind == null) {
      throw web.invalid("bind_addr", "is missing, for example \"[::]:3903\"");
    }
    return new GarageConfig.Web(
        bind, web.requiredText("root_domain"), web.flag("add_host_to_metrics", false), tls(web));
  }

  private static GarageConfig.Lifecycle lifecycle(Section root) {
    Long seconds = root.number("lifecycle_day_seconds", 1, DAY.toSeconds());
    return new GarageConfig.Lifecycle(
        seconds == null ? DAY : Duration.ofSeconds(seconds), root.flag("use_local_tz", false));
  }

  private static GarageConfig.@Nullable Tls tls(Section section) {
    String certificate = section.text("tls_certificate_file");
    String key = section.text("tls_key_file");
    if (certificate == null && key == null) {
      return null;
    }
    return new GarageConfig.Tls(
        section.requiredText("tls_certificate_file"), section.requiredText("tls_key_file"));
  }

  private static GarageConfig.Admin admin(Section section, Secrets secrets) {
    @Nullable Secret adminToken = secrets.find(section, "admin_token");
    @Nullable Secret metricsToken = secrets.find(section, "metrics_token");
    return new GarageConfig.Admin(
        section.address("api_bind_addr"),
        tls(section),
        adminToken,
        metricsToken,
        section.flag("metrics_require_token", false));
  }
}
