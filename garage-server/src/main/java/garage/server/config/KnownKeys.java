package garage.server.config;

import static garage.server.config.KnownKey.inert;
import static garage.server.config.KnownKey.used;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Every key of the configuration file; a section is a key too. */
final class KnownKeys {
  private static final String NO_LMDB = "metadata is kept in RocksDB";
  private static final String NO_K2V = "there is no K2V API";
  private static final String NO_TRACING = "this version sends no traces";

  /** The one table whose keys are the user's own. */
  static final String FREE_TABLE = "consul_discovery.meta";

  /** In the order of the example file. */
  static final List<KnownKey> ALL =
      List.of(
          used("metadata_dir"),
          used("data_dir"),
          used("data_dir.path"),
          used("data_dir.capacity"),
          used("data_dir.read_only"),
          used("metadata_snapshots_dir"),
          used("metadata_auto_snapshot_interval"),
          used("metadata_fsync"),
          used("data_fsync"),
          used("disable_scrub"),
          used("use_local_tz"),
          used("lifecycle_day_seconds"),
          used("db_engine"),
          used("block_size"),
          used("inline_threshold"),
          used("block_ram_buffer_max"),
          used("compression_level"),
          used("replication_factor"),
          used("consistency_mode"),
          used("auto_layout"),
          used("zone"),
          used("capacity"),
          used("rpc_bind_addr"),
          used("rpc_public_addr"),
          used("rpc_public_addr_subnet"),
          used("rpc_bind_outgoing"),
          used("rpc_secret"),
          used("rpc_secret_file"),
          used("rpc_ping_timeout_msec"),
          used("bootstrap_peers"),
          used("allow_world_readable_secrets"),
          used("consul_discovery"),
          used("consul_discovery.api"),
          used("consul_discovery.consul_http_addr"),
          used("consul_discovery.service_name"),
          used("consul_discovery.ca_cert"),
          used("consul_discovery.client_cert"),
          used("consul_discovery.client_key"),
          used("consul_discovery.token"),
          used("consul_discovery.tls_skip_verify"),
          used("consul_discovery.tags"),
          used(FREE_TABLE),
          used("kubernetes_discovery"),
          used("kubernetes_discovery.namespace"),
          used("kubernetes_discovery.service_name"),
          used("kubernetes_discovery.skip_crd"),
          used("s3_api"),
          used("s3_api.api_bind_addr"),
          used("s3_api.s3_region"),
          used("s3_api.root_domain"),
          used("s3_api.default_object_ownership"),
          used("s3_api.tls_certificate_file"),
          used("s3_api.tls_key_file"),
          used("s3_web"),
          used("s3_web.bind_addr"),
          used("s3_web.root_domain"),
          used("s3_web.add_host_to_metrics"),
          used("s3_web.tls_certificate_file"),
          used("s3_web.tls_key_file"),
          used("admin"),
          used("admin.api_bind_addr"),
          used("admin.tls_certificate_file"),
          used("admin.tls_key_file"),
          used("admin.admin_token"),
          used("admin.admin_token_file"),
          used("admin.metrics_token"),
          used("admin.metrics_token_file"),
          used("admin.metrics_require_token"),
          inert("admin.trace_sink", NO_TRACING),
          inert("lmdb_map_size", NO_LMDB),
          inert("sled_cache_capacity", NO_LMDB),
          inert("sled_flush_every_ms", NO_LMDB),
          inert("rpc_timeout_msec", "each kind of call has a time limit of its own"),
          inert("allow_punycode", "bucket names never begin with xn--"),
          inert("s3_web.index", "each bucket's web site names its own index document"),
          inert("k2v_api", NO_K2V));

  private static final Map<String, KnownKey> BY_NAME = byName();

  private KnownKeys() {}

  private static Map<String, KnownKey> byName() {
    Map<String, KnownKey> all = new TreeMap<>();
    ALL.forEach(key -> all.put(key.name(), key));
    return Map.copyOf(all);
  }

  static @Nullable KnownKey find(String name) {
    return BY_NAME.get(name);
  }

  /** The known key that takes the fewest edits, a misplaced section counting as one. */
  static String nearest(String name) {
    String best = ALL.getFirst().name();
    int least = Integer.MAX_VALUE;
    for (KnownKey key : ALL) {
      int edits =
          Math.min(
              EditDistance.between(name, key.name()),
              1 + EditDistance.between(last(name), last(key.name())));
      if (edits < least) {
        least = edits;
        best = key.name();
      }
    }
    return best;
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
