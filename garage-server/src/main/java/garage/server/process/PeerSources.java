package garage.server.process;

import garage.common.env.Clock;
import garage.common.error.GarageException;
import garage.rpc.peering.PeerSource;
import garage.server.discovery.ConsulPeers;
import garage.server.discovery.DiscoverySettings;
import garage.server.discovery.KubernetesPeers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The services that are asked for peers, as this machine reaches them. */
final class PeerSources {
  /** Where a pod finds what it needs to ask its cluster. */
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private PeerSources() {}

  static List<PeerSource> of(DiscoverySettings settings, Clock clock) {
    List<PeerSource> sources = new ArrayList<>();
    DiscoverySettings.Consul consul = settings.consul();
    if (consul != null) {
      sources.add(new ConsulPeers(consul, new JdkWebClient(consul.address(), consul.tls(), clock)));
    }
    DiscoverySettings.Kubernetes kubernetes = settings.kubernetes();
    if (kubernetes != null) {
      sources.add(new KubernetesPeers(kubernetes, ownCluster(clock), PeerSources::token));
    }
    return sources;
  }

  private static JdkWebClient ownCluster(Clock clock) {
    String host = System.getenv("KUBERNETES_SERVICE_HOST");
    String port = System.getenv("KUBERNETES_SERVICE_PORT");
    if (host == null || port == null) {
      throw new GarageException.InvalidInput(
          "kubernetes_discovery works in a pod only: KUBERNETES_SERVICE_HOST and _PORT are not"
              + " set");
    }
    String shown = host.contains(":") ? "[" + host + "]" : host;
    DiscoverySettings.Tls tls =
        new DiscoverySettings.Tls(ACCOUNT.resolve("ca.crt").toString(), null, null, false);
    return new JdkWebClient("https://" + shown + ":" + port, tls, clock);
  }

  private static String token() {
    try {
      return Files.readString(ACCOUNT.resolve("token"));
    } catch (IOException e) {
      throw new GarageException.Unreachable("the pod has no token for its cluster: " + e, e);
    }
  }
}
