package garage.server.discovery;

import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Nodes as resources of the kind GarageNode, which is upstream's: named by the node's id, labelled
 * with the service's name. Pods that come back with another address are found again by it.
 *
 * <p>The account of the pod needs the verbs get, list, create and update on {@code garagenodes}
 * and, unless the kind is there already, create on {@code customresourcedefinitions}.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/">API concepts</a>
 */
public final class KubernetesPeers implements PeerSource {
  private static final String GROUP = "deuxfleurs.fr";
  private static final String VERSION = GROUP + "/v1";
  private static final String KIND = "GarageNode";
  private static final String PLURAL = "garagenodes";
  private static final String LABEL = "garage." + GROUP + "/service";
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;

  private final DiscoverySettings.Kubernetes settings;
  private final WebClient client;
  private final Supplier<String> token;
  private volatile boolean kindIsThere;

  /** {@code token} reads the account's token, which changes from time to time. */
  public KubernetesPeers(
      DiscoverySettings.Kubernetes settings, WebClient client, Supplier<String> token) {
    this.settings = settings;
    this.client = client;
    this.token = token;
    this.kindIsThere = settings.skipCrd();
  }

  @Override
  public String name() {
    return "Kubernetes";
  }

  @Override
  public List<PeerAddress> peers(Deadline deadline) {
    String path =
        resources()
            + "?labelSelector="
            + LABEL.replace("/", "%2F")
            + "%3D"
            + settings.serviceName();
    WebClient.Reply reply = ask("GET", path, null, deadline);
    if (reply.status() == NOT_FOUND && !settings.skipCrd()) {
      return List.of(); // nobody has announced itself yet
    }
    List<PeerAddress> found = new ArrayList<>();
    for (Object item : Json.list(Json.object(Json.parse(good(reply).body())).get("items"))) {
      PeerAddress peer = peer(Json.object(item));
      if (peer != null) {
        found.add(peer);
      }
    }
    return found;
  }

  private static @Nullable PeerAddress peer(Map<String, @Nullable Object> item) {
    Map<String, @Nullable Object> spec = Json.object(item.get("spec"));
    String id = Json.text(Json.object(item.get("metadata")), "name");
    return Json.peer(id, Json.text(spec, "address"), spec.get("port"));
  }

  @Override
  public void announce(NodeId self, Address address, String hostname, Deadline deadline) {
    if (!kindIsThere) {
      makeKind(deadline);
      kindIsThere = true;
    }
    String path = resources() + "/" + self;
    WebClient.Reply present = ask("GET", path, null, deadline);
    if (present.status() == NOT_FOUND) {
      good(ask("POST", resources(), resource(self, address, hostname, null), deadline));
      return;
    }
    Map<String, @Nullable Object> metadata =
        Json.object(Json.object(Json.parse(good(present).body())).get("metadata"));
    String version = Json.text(metadata, "resourceVersion");
    good(ask("PUT", path, resource(self, address, hostname, version), deadline));
  }

  private Map<String, Object> resource(
      NodeId self, Address address, String hostname, @Nullable String version) {
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("name", self.toString());
    metadata.put("labels", Map.of(LABEL, settings.serviceName()));
    if (version != null) {
      metadata.put("resourceVersion", version);
    }
    return Map.of(
        "apiVersion",
        VERSION,
        "kind",
        KIND,
        "metadata",
        metadata,
        "spec",
        Map.of("hostname", hostname, "address", address.host(), "port", address.port()));
  }

  private void makeKind(Deadline deadline) {
    WebClient.Reply reply =
        ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", kind(), deadline);
    if (reply.status() != CONFLICT) { // otherwise it is there
      good(reply);
    }
  }

  /** What a node's resource says of it. */
  private static Map<String, Object> schema() {
    Map<String, Object> text = Map.of("type", "string");
    Map<String, Object> spec =
        Map.of(
            "type",
            "object",
            "required",
            List.of("address", "hostname", "port"),
            "properties",
            Map.of(
                "address", text,
                "hostname", text,
                "port", Map.of("type", "integer", "minimum", 0, "maximum", 65535)));
    return Map.of(
        "type", "object", "required", List.of("spec"), "properties", Map.of("spec", spec));
  }

  /** The kind of these resources. */
  private static Map<String, Object> kind() {
    Map<String, Object> version =
        Map.of(
            "name",
            "v1",
            "served",
            true,
            "storage",
            true,
            "schema",
            Map.of("openAPIV3Schema", schema()));
    Map<String, Object> spec =
        Map.of(
            "group",
            GROUP,
            "scope",
            "Namespaced",
            "names",
            Map.of("plural", PLURAL, "singular", "garagenode", "kind", KIND),
            "versions",
            List.of(version));
    return Map.of(
        "apiVersion",
        "apiextensions.k8s.io/v1",
        "kind",
        "CustomResourceDefinition",
        "metadata",
        Map.of("name", PLURAL + "." + GROUP),
        "spec",
        spec);
  }

  private String resources() {
    return "/apis/" + VERSION + "/namespaces/" + settings.namespace() + "/" + PLURAL;
  }

  private WebClient.Reply ask(
      String method, String path, @Nullable Object body, Deadline deadline) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Authorization", "Bearer " + token.get().strip());
    if (body != null) {
      headers.put("Content-Type", "application/json");
    }
    return client.send(
        new WebClient.Request(method, path, headers, body == null ? "" : Json.format(body)),
        deadline);
  }

  private static WebClient.Reply good(WebClient.Reply reply) {
    if (reply.status() / 100 != 2) {
      throw new GarageException.Unreachable(
          "Kubernetes answers %d: %s".formatted(reply.status(), Json.shortened(reply.body())));
    }
    return reply;
  }
}
