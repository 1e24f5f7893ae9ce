package garage.server.discovery;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where peers are looked up besides {@code bootstrap_peers}.
 *
 * @param consul null for not there
 * @param kubernetes null for not there
 */
public record DiscoverySettings(@Nullable Consul consul, @Nullable Kubernetes kubernetes) {
  /** Nowhere. */
  public static final DiscoverySettings NONE = new DiscoverySettings(null, null);

  /** Which of Consul's two interfaces nodes are registered with. */
  public enum ConsulApi {
    CATALOG,
    AGENT
  }

  /**
   * A Consul cluster.
   *
   * @param address of its HTTP interface, as a URL
   * @param token sent with each request; null for none
   * @param tags of the registration, besides the one every node has
   * @param meta of the registration, besides what every node has
   */
  public record Consul(
      ConsulApi api,
      String address,
      String serviceName,
      Tls tls,
      @Nullable String token,
      List<String> tags,
      Map<String, String> meta) {
    public Consul {
      tags = List.copyOf(tags);
      meta = Map.copyOf(meta);
    }

    @Override
    public String toString() {
      return "Consul at " + address + ", service " + serviceName; // without the token
    }
  }

  /**
   * How a service is trusted, and trusts this node; all are files in PEM.
   *
   * @param skipVerify whoever answers is trusted
   */
  public record Tls(
      @Nullable String caCertificate,
      @Nullable String clientCertificate,
      @Nullable String clientKey,
      boolean skipVerify) {
    /** As the machine trusts. */
    public static final Tls DEFAULT = new Tls(null, null, null, false);
  }

  /**
   * The Kubernetes cluster this node runs in.
   *
   * @param skipCrd whether the kind of resource is made by somebody else
   */
  public record Kubernetes(String namespace, String serviceName, boolean skipCrd) {}
}
