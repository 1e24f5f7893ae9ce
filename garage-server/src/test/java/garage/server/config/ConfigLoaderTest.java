package garage.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.BlockSettings;
import garage.common.env.Address;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.layout.ConsistencyMode;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.model.acl.ObjectOwnership;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.peering.PeerAddress;
import garage.server.discovery.DiscoverySettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a file, the environment and the command line make of a node's settings. */
class ConfigLoaderTest {
  private static final String SECRET = "ab".repeat(32);
  private static final String OTHER = "cd".repeat(32);

  private static final String MINIMAL =
      """
      metadata_dir = "/meta"
      data_dir = "/data"
      replication_factor = 3
      rpc_bind_addr = "[::]:3901"
      rpc_secret = "%s"

      [s3_api]
      s3_region = "garage"
      """
          .formatted(SECRET);

  @Test
  void whatIsNotSetHasItsDefault() {
    GarageConfig config = load(MINIMAL);

    assertEquals(new GarageConfig.Metadata("/meta", true), config.metadata());
    assertEquals(
        new GarageConfig.Data(
            List.of(new DataLocation("/data", null, false)),
            BlockSettings.DEFAULT,
            ByteSize.parse("64KiB"),
            true),
        config.data());
    assertEquals(
        new GarageConfig.Replication(new ReplicationFactor(3), ConsistencyMode.CONSISTENT),
        config.replication());
    assertEquals(
        new GarageConfig.Rpc(
            new Address("::", 3901),
            null,
            ClusterSecret.parse(SECRET),
            List.of(),
            Duration.ofSeconds(4)),
        config.rpc());
    assertEquals(new GarageConfig.S3(null, "garage", null, null), config.s3());
    assertEquals(new GarageConfig.Admin(null, null, null, null, false), config.admin());
    assertEquals(List.of(), config.warnings());
  }

  @Test
  void snapshotsAreNotTakenMoreOftenThanEveryTenMinutes() {
    String interval = "metadata_auto_snapshot_interval = \"%s\"\n";
    assertEquals(
        Duration.ofMinutes(10),
        load(interval.formatted("10m") + MINIMAL).metadata().autoSnapshotInterval());
    assertThrows(
        GarageException.InvalidInput.class, () -> load(interval.formatted("599s") + MINIMAL));
    assertThrows(
        GarageException.InvalidInput.class, () -> load(interval.formatted("often") + MINIMAL));
  }

  @Test
  void everyKeyThatIsSetIsUsed() {
    String id = "12".repeat(32);
    GarageConfig config =
        load(
            """
            metadata_dir = "/m"
            metadata_snapshots_dir = "/s"
            metadata_auto_snapshot_interval = "6h"
            metadata_fsync = false
            data_fsync = false
            disable_scrub = true
            db_engine = "rocksdb"
            block_size = "4MiB"
            inline_threshold = 0
            block_ram_buffer_max = 134217728
            compression_level = "none"
            replication_factor = 2
            consistency_mode = "degraded"
            auto_layout = true
            zone = "z1"
            capacity = "10G"
            rpc_bind_addr = "0.0.0.0:1"
            rpc_public_addr = "host.example:2"
            rpc_secret = "%s"
            bootstrap_peers = ["peer:3", "%s@[::1]:4"]
            rpc_ping_timeout_msec = 2500
            allow_world_readable_secrets = true

            [[data_dir]]
            path = "/d1"
            capacity = "2T"

            [[data_dir]]
            path = "/d2"
            read_only = true

            [s3_api]
            api_bind_addr = "127.0.0.1:5"
            s3_region = "eu"
            root_domain = ".s3.example"
            default_object_ownership = "ObjectWriter"
            tls_certificate_file = "/tls/s3.pem"
            tls_key_file = "/tls/s3.key"

            [admin]
            api_bind_addr = "127.0.0.1:6"
            tls_certificate_file = "/tls/admin.pem"
            tls_key_file = "/tls/admin.key"
            admin_token = "at"
            metrics_token = "mt"
            metrics_require_token = true
            """
                .formatted(OTHER, id));

    assertEquals(
        new GarageConfig.Metadata("/m", false, "/s", Duration.ofHours(6)), config.metadata());
    assertEquals(
        new GarageConfig.Data(
            List.of(
                new DataLocation("/d1", ByteSize.parse("2T"), false),
                new DataLocation("/d2", null, true)),
            new BlockSettings(
                ByteSize.parse("4MiB"),
                OptionalInt.empty(),
                false,
                ByteSize.parse("128MiB"),
                BlockSettings.DEFAULT.collectDelay(),
                BlockSettings.DEFAULT.reserve()),
            new ByteSize(0),
            false),
        config.data());
    assertEquals(
        new GarageConfig.Replication(
            new ReplicationFactor(2),
            ConsistencyMode.DEGRADED,
            new GarageConfig.WantedRole(new Zone("z1"), ByteSize.parse("10G"))),
        config.replication());
    assertEquals(
        new GarageConfig.Rpc(
            new Address("0.0.0.0", 1),
            new Address("host.example", 2),
            ClusterSecret.parse(OTHER),
            List.of(
                new PeerAddress(null, new Address("peer", 3)),
                new PeerAddress(NodeId.parse(id), new Address("::1", 4))),
            Duration.ofMillis(2500)),
        config.rpc());
    assertEquals(
        new GarageConfig.S3(
            new Address("127.0.0.1", 5),
            "eu",
            ".s3.example",
            new GarageConfig.Tls("/tls/s3.pem", "/tls/s3.key"),
            ObjectOwnership.OBJECT_WRITER),
        config.s3());
    assertEquals(
        new GarageConfig.Admin(
            new Address("127.0.0.1", 6),
            new GarageConfig.Tls("/tls/admin.pem", "/tls/admin.key"),
            new Secret("at"),
            new Secret("mt"),
            true),
        config.admin());
  }

  @Test
  void anUnknownKeyIsRefusedWithItsLineAndTheNearestKnownOne() {
    assertEquals(
        "garage.toml, line 3: unknown key 'blok_size'; did you mean 'block_size'?",
        failure("metadata_dir = \"/m\"\n\nblok_size = 1\n"));
    assertEquals(
        "garage.toml, line 2: unknown key 's3_api.region'; did you mean 's3_api.s3_region'?",
        failure("[s3_api]\nregion = \"x\"\n"));
    assertEquals(
        "garage.toml, line 1: unknown key 'admin_token'; did you mean 'admin.admin_token'?",
        failure("admin_token = \"x\"\n"));
    assertEquals(
        "garage.toml, line 2: unknown key 's3api'; did you mean 's3_api'?",
        failure("\n[s3api]\ns3_region = \"x\"\n"));
  }

  @Test
  void aKeyInsideAListOfDirectoriesIsCheckedToo() {
    assertTrue(
        failure("data_dir = [ { path = \"/d\", capasity = \"1T\" } ]\n")
            .endsWith("unknown key 'data_dir.capasity'; did you mean 'data_dir.capacity'?"));
  }

  @Test
  void upstreamsKeysWithoutEffectAreAcceptedWithAWarning() {
    GarageConfig config =
        load(
            "lmdb_map_size = \"1T\"\ndb_engine = \"lmdb\"\n"
                + MINIMAL
                + "[s3_web]\nbind_addr = \"[::]:1\"\nroot_domain = \".web\"\nindex = \"i.html\"\n"
                + "[k2v_api]\napi_bind_addr = \"[::]:2\"\n");

    assertEquals(4, config.warnings().size(), config.warnings().toString());
    assertTrue(
        config.warnings().contains("lmdb_map_size has no effect: metadata is kept in RocksDB"));
  }

  @Test
  void objectsExpireByTheDaysThatAreSaid() {
    assertEquals(new GarageConfig.Lifecycle(Duration.ofDays(1), false), load(MINIMAL).lifecycle());
    assertEquals(
        new GarageConfig.Lifecycle(Duration.ofSeconds(2), true),
        load("use_local_tz = true\nlifecycle_day_seconds = 2\n" + MINIMAL).lifecycle());
    assertTrue(failure("lifecycle_day_seconds = 0\n" + MINIMAL).contains("from 1 to 86400"));
  }

  @Test
  void webSitesAreServedWhereTheSectionSays() {
    assertNull(load(MINIMAL).web());
    String section = "[s3_web]\nbind_addr = \"[::]:3903\"\nroot_domain = \".web.a\"\n";
    assertEquals(
        new GarageConfig.Web(new Address("::", 3903), ".web.a", true, null),
        load(MINIMAL + section + "add_host_to_metrics = true\n").web());
    assertTrue(failure(MINIMAL + "[s3_web]\nroot_domain = \".a\"\n").contains("bind_addr"));
  }

  @Test
  void placesToFindPeersInAreRead() {
    GarageConfig.Reach reach =
        load("rpc_bind_outgoing = true\nrpc_public_addr_subnet = \"10.0.0.0/8\"\n"
                + MINIMAL
                + """
                [consul_discovery]
                api = "agent"
                consul_http_addr = "https://consul:8501/"
                service_name = "store"
                token = "t"
                ca_cert = "/ca.pem"
                client_cert = "/c.pem"
                client_key = "/k.pem"
                tags = ["x"]
                meta = { rack = "7" }
                [kubernetes_discovery]
                namespace = "ns"
                service_name = "store"
                skip_crd = true
                """)
            .rpc()
            .reach();

    assertTrue(reach.bindOutgoing());
    assertEquals(Subnet.parse("10.0.0.0/8"), reach.publicSubnet());
    assertEquals(
        new DiscoverySettings(
            new DiscoverySettings.Consul(
                DiscoverySettings.ConsulApi.AGENT,
                "https://consul:8501",
                "store",
                new DiscoverySettings.Tls("/ca.pem", "/c.pem", "/k.pem", false),
                "t",
                List.of("x"),
                Map.of("rack", "7")),
            new DiscoverySettings.Kubernetes("ns", "store", true)),
        reach.discovery());
  }

  @Test
  void placesThatCannotBeAskedAreRefused() {
    String consul = MINIMAL + "[consul_discovery]\nservice_name = \"s\"\n";
    assertTrue(failure(consul).contains("consul_discovery.consul_http_addr is missing"));
    assertTrue(failure(consul + "consul_http_addr = \"consul:8500\"\n").contains("must be a URL"));
    String reached = consul + "consul_http_addr = \"http://c\"\n";
    assertTrue(failure(reached + "api = \"x\"\n").contains("\"catalog\" or \"agent\""));
    assertTrue(failure(reached + "client_cert = \"/c\"\n").contains("client_key go together"));
    assertTrue(failure(reached + "meta = { a = 1 }\n").contains("table of strings"));
    assertTrue(
        failure(MINIMAL + "[kubernetes_discovery]\nnamespace = \"a/b\"\nservice_name = \"s\"\n")
            .contains("letters, digits"));
    assertTrue(
        failure("rpc_public_addr_subnet = \"10.0.0.0\"\n" + MINIMAL).contains("not a subnet"));
  }

  @Test
  void whatIsGoneUpstreamIsRefusedHereToo() {
    assertTrue(failure("db_engine = \"sled\"\n" + MINIMAL).contains("\"sled\" is gone"));
    assertTrue(failure("replication_mode = \"3\"\n" + MINIMAL).contains("replication_factor"));
  }

  @Test
  void aValueOutOfBoundsIsRefusedWithTheBounds() {
    assertEquals(
        "garage.toml, line 1: block_size must be from 4.0 kiB to 16.0 MiB",
        failure("block_size = 1000\n" + MINIMAL));
    assertEquals(
        "garage.toml, line 1: compression_level must be a whole number from -99 to 22",
        failure("compression_level = 23\n" + MINIMAL));
    assertEquals(
        "garage.toml, line 3: replication_factor must be a whole number from 1 to 9",
        failure(MINIMAL.replace("factor = 3", "factor = 0")));
    assertEquals(
        "garage.toml, line 1: rpc_ping_timeout_msec must be a whole number from 2000 to 3600000",
        failure("rpc_ping_timeout_msec = 5\n" + MINIMAL));
    assertEquals(
        "garage.toml, line 2: block_ram_buffer_max must be from 64.0 MiB to 1.0 TiB",
        failure("block_size = \"16MiB\"\nblock_ram_buffer_max = \"63MiB\"\n" + MINIMAL));
  }

  @Test
  void aValueOfTheWrongKindIsRefused() {
    assertTrue(failure("metadata_fsync = \"yes\"\n" + MINIMAL).contains("must be true or false"));
    assertTrue(failure("block_size = \"1 MX\"\n" + MINIMAL).contains("is not a size"));
    assertTrue(failure("bootstrap_peers = \"a:1\"\n" + MINIMAL).contains("must be a list"));
    assertTrue(failure("bootstrap_peers = [1]\n" + MINIMAL).contains("list of strings"));
    assertTrue(failure("bootstrap_peers = [\"a\"]\n" + MINIMAL).contains("write host:port"));
    assertTrue(
        failure("s3_api = 3\n" + MINIMAL.substring(0, MINIMAL.indexOf("[s3")))
            .contains("s3_api must be a table"));
    assertTrue(failure(MINIMAL.replace("[::]:3901", "/sock")).contains("Unix sockets"));
    assertTrue(
        failure("consistency_mode = \"x\"\n" + MINIMAL).contains("consistency_mode is wrong"));
    assertTrue(failure("db_engine = \"x\"\n" + MINIMAL).contains("db_engine must"));
  }

  @Test
  void whatIsNotTomlIsRefusedWithItsLine() {
    assertTrue(failure("a = 1\nb = = 2\n").startsWith("garage.toml, line 2: "));
  }

  @Test
  void aMissingKeyIsNamed() {
    assertTrue(failure("data_dir = \"/d\"\n").contains("metadata_dir is missing"));
    assertTrue(failure(MINIMAL.replaceAll("(?m)^data_dir.*$", "")).contains("data_dir is missing"));
    assertTrue(failure(MINIMAL.replaceAll("(?m)^rpc_bind.*$", "")).contains("rpc_bind_addr is"));
    assertTrue(failure(MINIMAL.replaceAll("(?m)^s3_reg.*$", "")).contains("s3_region is missing"));
    assertTrue(failure(MINIMAL.replaceAll("(?m)^replic.*$", "")).contains("replication_factor is"));
    assertTrue(failure(MINIMAL.replaceAll("(?m)^rpc_sec.*$", "")).contains("rpc_secret is"));
  }

  @Test
  void aSingleNodeNeedsNoReplicationFactorAndRefusesSeveralCopies() {
    String without = MINIMAL.replaceAll("(?m)^replic.*$", "");

    assertEquals(
        new ReplicationFactor(1), loader(without).load("garage.toml", true).replication().factor());
    assertTrue(
        message(() -> loader(MINIMAL).load("garage.toml", true))
            .contains("must be 1 with --single-node"));
  }

  @Test
  void aDataDirectoryHasEitherACapacityOrIsReadOnly() {
    String base = MINIMAL.replaceAll("(?m)^data_dir.*$", "");
    String needs = "needs either a capacity above zero or read_only = true";

    assertTrue(failure("data_dir = [{path = \"/d\"}]\n" + base).contains(needs));
    assertTrue(failure("data_dir = [{path = \"/d\", capacity = 0}]\n" + base).contains(needs));
    assertTrue(
        failure("data_dir = [{path = \"/d\", capacity = 1, read_only = true}]\n" + base)
            .contains(needs));
    assertTrue(
        failure("data_dir = [{path = \"/d\", read_only = true}]\n" + base)
            .contains("not read-only"));
  }

  @Test
  void secretsComeFromTheCommandLineBeforeTheEnvironmentBeforeTheFile() {
    String fromFile = MINIMAL.replaceAll("rpc_secret = .*", "rpc_secret_file = \"/s\"");
    FakeFiles files =
        new FakeFiles().with("garage.toml", fromFile).with("/s", SECRET + "\n").with("/e", OTHER);
    ConfigOverrides environment =
        ConfigOverrides.ofEnvironment(Map.of("GARAGE_RPC_SECRET_FILE", "/e"));

    assertEquals(SECRET, secret(files, ConfigOverrides.NONE));
    assertEquals(OTHER, secret(files, environment));
    assertEquals("ef".repeat(32), secret(files, environment.with("rpc-secret", "EF".repeat(32))));
  }

  @Test
  void tokensComeFromTheEnvironmentToo() {
    ConfigOverrides environment =
        ConfigOverrides.ofEnvironment(
            Map.of("GARAGE_ADMIN_TOKEN", "one", "GARAGE_METRICS_TOKEN_FILE", "/t", "PATH", "x"));
    FakeFiles files = new FakeFiles().with("garage.toml", MINIMAL).with("/t", "two\n");

    GarageConfig.Admin admin =
        new ConfigLoader(files, environment).load("garage.toml", false).admin();

    assertEquals(new Secret("one"), admin.adminToken());
    assertEquals(new Secret("two"), admin.metricsToken());
  }

  @Test
  void aSecretAndItsFileTogetherAreRefused() {
    assertTrue(failure("rpc_secret_file = \"/s\"\n" + MINIMAL).contains("are both set"));
  }

  @Test
  void aSecretFileThatOthersMayAccessIsRefusedUnlessAllowed() {
    String fromFile = MINIMAL.replaceAll("rpc_secret = .*", "rpc_secret_file = \"/s\"");
    FakeFiles files =
        new FakeFiles()
            .with("garage.toml", fromFile)
            .with("/s", SECRET)
            .accessibleToOthers("/s")
            .with("allow.toml", "allow_world_readable_secrets = true\n" + fromFile);

    String refused = message(() -> secret(files, ConfigOverrides.NONE));
    assertTrue(refused.contains("chmod 600 /s"), refused);
    ConfigOverrides allow =
        ConfigOverrides.ofEnvironment(Map.of("GARAGE_ALLOW_WORLD_READABLE_SECRETS", "true"));
    assertEquals(SECRET, secret(files, allow));
    assertEquals(
        SECRET,
        new ConfigLoader(files, ConfigOverrides.NONE)
            .load("allow.toml", false)
            .rpc()
            .secret()
            .value()
            .toString());
  }

  @Test
  void aSecretIsNeverPrinted() {
    assertFalse(load(MINIMAL).toString().contains(SECRET));
    String wrong = "secret-of-the-wrong-form";
    assertFalse(failure(MINIMAL.replace(SECRET, wrong)).contains(wrong));
    assertFalse(
        new ConfigLoader(
                new FakeFiles().with("./garage-data/garage.toml", MINIMAL), ConfigOverrides.NONE)
            .loadForCommand()
            .toString()
            .contains(SECRET));
  }

  @Test
  void theFileIsTheOneToldOrTheFirstThatExists() {
    FakeFiles files = new FakeFiles().with("./garage-data/garage.toml", MINIMAL);

    assertEquals("./garage-data/garage.toml", new ConfigLoader(files, ConfigOverrides.NONE).path());
    files.with("/etc/garage.toml", MINIMAL);
    assertEquals("/etc/garage.toml", new ConfigLoader(files, ConfigOverrides.NONE).path());
    ConfigOverrides told = ConfigOverrides.ofEnvironment(Map.of("GARAGE_CONFIG_FILE", "/x"));
    assertEquals("/x", new ConfigLoader(files, told).path());
    assertEquals("/y", new ConfigLoader(files, told.with("config", "/y")).path());
    assertThrows(
        GarageException.Missing.class,
        () -> new ConfigLoader(new FakeFiles(), ConfigOverrides.NONE).path());
  }

  @Test
  void theCommandLineReachesTheNodeOfItsFileUnlessTold() {
    FakeFiles files = new FakeFiles().with("/etc/garage.toml", "unknown = 1\n" + MINIMAL);
    ConfigOverrides none = ConfigOverrides.NONE;

    CommandConfig own = new ConfigLoader(files, none).loadForCommand();
    assertEquals("/meta", own.metadataDir());
    assertEquals(new Address("127.0.0.1", 3901), own.address());

    files.with("/etc/garage.toml", MINIMAL.replace("[::]:3901", "10.0.0.7:1"));
    assertEquals(
        new Address("10.0.0.7", 1), new ConfigLoader(files, none).loadForCommand().address());

    CommandConfig told =
        new ConfigLoader(new FakeFiles(), none.with("rpc-host", "h:2").with("rpc-secret", SECRET))
            .loadForCommand();
    assertEquals(new Address("h", 2), told.address());
    assertNull(told.metadataDir());
    assertEquals(SECRET, told.rpcSecret().value().toString());
  }

  private static String secret(FakeFiles files, ConfigOverrides overrides) {
    return new ConfigLoader(files, overrides)
        .load("garage.toml", false)
        .rpc()
        .secret()
        .value()
        .toString();
  }

  private static ConfigLoader loader(String text) {
    return new ConfigLoader(new FakeFiles().with("garage.toml", text), ConfigOverrides.NONE);
  }

  private static GarageConfig load(String text) {
    return loader(text).load("garage.toml", false);
  }

  private static String failure(String text) {
    return message(() -> load(text));
  }

  private static String message(Executable loading) {
    return String.valueOf(assertThrows(GarageException.InvalidInput.class, loading).getMessage());
  }
}
