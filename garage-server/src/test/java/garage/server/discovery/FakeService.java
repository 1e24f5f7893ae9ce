package garage.server.discovery;

import garage.common.env.Deadline;
import garage.http.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers as Consul's catalog or agent, or the API server of Kubernetes does, for the few requests
 * that are made of them.
 */
final class FakeService implements WebClient {
  private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

  final List<Request> requests = new ArrayList<>();
  final Map<String, Map<String, Object>> entries = new TreeMap<>();
  boolean kindIsThere;
  int failWith;
  private long version;

  @Override
  public Reply send(Request request, Deadline deadline) {
    requests.add(request);
    if (failWith != 0) {
      return new Reply(failWith, "no\nservice");
    }
    String path = request.path();
    if (path.startsWith("/v1/")) {
      return consul(request);
    }
    if (path.equals(CRDS)) {
      Reply reply = new Reply(kindIsThere ? 409 : 201, "{}");
      kindIsThere = true;
      return reply;
    }
    return kindIsThere ? kubernetes(request) : new Reply(404, "{}");
  }

  private Reply consul(Request request) {
    if (request.method().equals("GET")) {
      return new Reply(200, JsonText.format(new ArrayList<>(entries.values())));
    }
    Map<String, Object> body = object(JsonText.parse(request.body()));
    boolean agent = request.path().startsWith("/v1/agent/service/register");
    Map<String, Object> service = agent ? body : object(body.get("Service"));
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("Address", agent ? "10.9.9.9" : body.get("Address"));
    entry.put("ServiceName", service.get(agent ? "Name" : "Service"));
    entry.put("ServiceAddress", service.get("Address"));
    entry.put("ServicePort", service.get("Port"));
    entry.put("ServiceTags", service.get("Tags"));
    entry.put("ServiceMeta", service.get("Meta"));
    entries.put((String) service.get("ID"), entry);
    return new Reply(200, "");
  }

  private Reply kubernetes(Request request) {
    String name = request.path().replaceAll(".*/garagenodes/?", "").replaceAll("\\?.*", "");
    return switch (request.method()) {
      case "POST" -> store(object(JsonText.parse(request.body())));
      case "PUT" -> replace(name, object(JsonText.parse(request.body())));
      default -> {
        if (name.isEmpty()) {
          yield new Reply(200, JsonText.format(Map.of("items", List.copyOf(entries.values()))));
        }
        Map<String, Object> found = entries.get(name);
        yield found == null ? new Reply(404, "{}") : new Reply(200, JsonText.format(found));
      }
    };
  }

  private Reply store(Map<String, Object> resource) {
    Map<String, Object> metadata = object(resource.get("metadata"));
    metadata.put("resourceVersion", String.valueOf(++version));
    entries.put((String) metadata.get("name"), resource);
    return new Reply(201, "{}");
  }

  private Reply replace(String name, Map<String, Object> resource) {
    Map<String, Object> present = object(object(entries.get(name)).get("metadata"));
    boolean same =
        Objects.equals(
            present.get("resourceVersion"),
            object(resource.get("metadata")).get("resourceVersion"));
    return same ? store(resource) : new Reply(409, "{}");
  }

  @SuppressWarnings("unchecked") // JSON's objects have strings for names
  static Map<String, Object> object(@Nullable Object value) {
    return (Map<String, Object>) Objects.requireNonNull(value);
  }
}
