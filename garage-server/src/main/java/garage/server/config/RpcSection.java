package garage.server.config;

import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.RpcSettings;
import garage.server.discovery.DiscoverySettings;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads what the configuration says of the mesh. */
final class RpcSection {
  /** A peer is asked every second: shorter patience would take one late answer for a failure. */
  private static final long SUSPECT_MILLIS_MIN = 2_000;

  /** A peer that is silent for an hour has failed by anybody's measure. */
  private static final long SUSPECT_MILLIS_MAX = Duration.ofHours(1).toMillis();

  private RpcSection() {}

  static GarageConfig.Rpc read(Section root, Secrets secrets) {
    Secret secret = secrets.find(root, "rpc_secret");
    Long silence = root.number("rpc_ping_timeout_msec", SUSPECT_MILLIS_MIN, SUSPECT_MILLIS_MAX);
    return new GarageConfig.Rpc(
        ConfigLoader.bindAddress(root),
        root.address("rpc_public_addr"),
        RpcSecret.of(secret),
        root.texts("bootstrap_peers", PeerAddress::parse),
        silence == null ? RpcSettings.SUSPECT_AFTER : Duration.ofMillis(silence),
        new GarageConfig.Reach(
            root.flag("rpc_bind_outgoing", false),
            root.parsed("rpc_public_addr_subnet", Subnet::parse),
            new DiscoverySettings(consul(root), kubernetes(root))));
  }

  private static DiscoverySettings.@Nullable Consul consul(Section root) {
    if (!root.has("consul_discovery")) {
      return null;
    }
    Section consul = root.section("consul_discovery");
    return new DiscoverySettings.Consul(
        consulApi(consul),
        url(consul, "consul_http_addr"),
        name(consul, "service_name"),
        tls(consul),
        consul.text("token"),
        consul.texts("tags", tag -> tag),
        meta(consul));
  }

  private static DiscoverySettings.ConsulApi consulApi(Section consul) {
    String api = consul.text("api");
    return switch (api == null ? "catalog" : api.toLowerCase(Locale.ROOT)) {
      case "catalog" -> DiscoverySettings.ConsulApi.CATALOG;
      case "agent" -> DiscoverySettings.ConsulApi.AGENT;
      default -> throw consul.invalid("api", "must be \"catalog\" or \"agent\"");
    };
  }

  private static String url(Section section, String key) {
    String text = section.requiredText(key);
    try {
      String scheme = URI.create(text).getScheme();
      if ("http".equals(scheme) || "https".equals(scheme)) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw section.invalid(key, "must be a URL such as \"http://127.0.0.1:8500\"");
  }

  /** A name that goes into the path of a request. */
  private static String name(Section section, String key) {
    String name = section.requiredText(key);
    if (!name.matches("[A-Za-z0-9._-]+")) {
      throw section.invalid(key, "is made of letters, digits, '.', '_' and '-'");
    }
    return name;
  }

  private static DiscoverySettings.Tls tls(Section consul) {
    String certificate = consul.text("client_cert");
    String key = consul.text("client_key");
    if ((certificate == null) != (key == null)) {
      throw consul.invalid("client_cert", "and client_key go together: set both or none");
    }
    return new DiscoverySettings.Tls(
        consul.text("ca_cert"), certificate, key, consul.flag("tls_skip_verify", false));
  }

  private static Map<String, String> meta(Section consul) {
    Map<String, String> meta = new TreeMap<>();
    if (consul.raw("meta") instanceof Map<?, ?> members) {
      members.forEach((name, value) -> {
        if (!(name instanceof String key) || !(value instanceof String text)) {
          throw consul.invalid("meta", "is a table of strings");
        }
        meta.put(key, text);
      });
    } else if (consul.has("meta")) {
      throw consul.invalid("meta", "is a table of strings");
    }
    return meta;
  }

  private static DiscoverySettings.@Nullable Kubernetes kubernetes(Section root) {
    if (!root.has("kubernetes_discovery")) {
      return null;
    }
    Section section = root.section("kubernetes_discovery");
    return new DiscoverySettings.Kubernetes(
        name(section, "namespace"), name(section, "service_name"), section.flag("skip_crd", false));
  }
}
