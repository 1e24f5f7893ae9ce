package garage.server.discovery;

import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Nodes as instances of a service in Consul, in the form of upstream, so that its tools find them:
 * the id is in the meta field {@code fr-deuxfleurs-garagehq-pubkey}.
 *
 * @see <a href="https://developer.hashicorp.com/consul/api-docs/catalog">Consul's catalog API</a>
 */
public final class ConsulPeers implements PeerSource {
  private static final String META = "fr-deuxfleurs-garagehq-";
  private static final String META_ID = META + "pubkey";
  private static final String META_HOSTNAME = META + "hostname";
  private static final String TAG = "advertised-by-garage";
  private static final int ID_SHOWN_CHARS = 16;

  private final DiscoverySettings.Consul settings;
  private final WebClient client;

  public ConsulPeers(DiscoverySettings.Consul settings, WebClient client) {
    this.settings = settings;
    this.client = client;
  }

  @Override
  public String name() {
    return "Consul";
  }

  @Override
  public List<PeerAddress> peers(Deadline deadline) {
    String path = "/v1/catalog/service/" + settings.serviceName();
    List<PeerAddress> found = new ArrayList<>();
    for (Object entry : Json.list(ask("GET", path, null, deadline))) {
      PeerAddress peer = peer(Json.object(entry));
      if (peer != null) {
        found.add(peer);
      }
    }
    return found;
  }

  private static @Nullable PeerAddress peer(Map<String, @Nullable Object> entry) {
    String id = Json.text(Json.object(entry.get("ServiceMeta")), META_ID);
    String service = Json.text(entry, "ServiceAddress");
    String host = service == null || service.isEmpty() ? Json.text(entry, "Address") : service;
    return Json.peer(id, host, entry.get("ServicePort"));
  }

  @Override
  public void announce(NodeId self, Address address, String hostname, Deadline deadline) {
    switch (settings.api()) {
      case CATALOG -> {
        Map<String, @Nullable Object> node = new LinkedHashMap<>();
        node.put("Node", "garage:" + self.toString().substring(0, ID_SHOWN_CHARS));
        node.put("Address", address.host());
        node.put("Service", service("Service", self, address, hostname));
        ask("PUT", "/v1/catalog/register", node, deadline);
      }
      case AGENT ->
          ask(
              "PUT",
              "/v1/agent/service/register?replace-existing-checks",
              service("Name", self, address, hostname),
              deadline);
    }
  }

  private Map<String, @Nullable Object> service(
      String nameField, NodeId self, Address address, String hostname) {
    List<Object> tags = new ArrayList<>(List.of(TAG));
    tags.addAll(settings.tags());
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    settings.meta().keySet().stream()
        .sorted()
        .forEach(key -> meta.put(key, settings.meta().get(key)));
    meta.put(META_ID, self.toString());
    meta.put(META_HOSTNAME, hostname);
    Map<String, @Nullable Object> service = new LinkedHashMap<>();
    service.put("ID", self.toString());
    service.put(nameField, settings.serviceName());
    service.put("Tags", tags);
    service.put("Meta", meta);
    service.put("Address", address.host());
    service.put("Port", address.port());
    return service;
  }

  private @Nullable Object ask(
      String method, String path, @Nullable Object body, Deadline deadline) {
    Map<String, String> headers = new HashMap<>();
    if (settings.token() != null) {
      headers.put("X-Consul-Token", settings.token());
    }
    if (body != null) {
      headers.put("Content-Type", "application/json");
    }
    WebClient.Reply reply =
        client.send(
            new WebClient.Request(method, path, headers, body == null ? "" : Json.format(body)),
            deadline);
    if (reply.status() / 100 != 2) {
      throw new GarageException.Unreachable(
          "Consul answers %d: %s".formatted(reply.status(), Json.shortened(reply.body())));
    }
    return method.equals("GET") ? Json.parse(reply.body()) : null;
  }
}
