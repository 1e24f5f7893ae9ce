package garage.admin.json;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.http.json.JsonSyntaxException;
import garage.http.json.JsonText;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON of requests, answers and errors. */
public final class AdminJson {
  private AdminJson() {}

  /** A request or an answer, indented, without a line end after it. */
  public static String write(Record value) {
    return JsonText.format(RecordWriter.tree(value));
  }

  /**
   * The request to {@code endpoint}; a member that is no field of it is refused.
   *
   * @throws AdminFailure if it is not one
   */
  public static AdminRequest<?> readRequest(AdminEndpoint endpoint, String json) {
    return new RecordReader(true).read(endpoint.request(), parse(json));
  }

  /** The answer of {@code endpoint}; members a later version adds are skipped. */
  public static AdminResponse readResponse(AdminEndpoint endpoint, String json) {
    RecordReader reader = new RecordReader(false);
    Object tree = parse(json);
    return endpoint.perNode()
        ? reader.readPerNode(endpoint.response(), tree)
        : (AdminResponse) reader.read(endpoint.response(), tree);
  }

  /** The answer of one node. */
  public static <T extends Record> T readOne(Class<T> type, String json) {
    return new RecordReader(false).read(type, parse(json));
  }

  /**
   * The request over HTTP: its fields are in the query, and in the body either as its field {@code
   * body} or all together.
   *
   * @param body empty if there is none
   */
  public static AdminRequest<?> readRequest(
      AdminEndpoint endpoint, Map<String, String> query, String body) {
    Object content = body.isBlank() ? null : parse(body);
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    boolean wrapped = false;
    for (var component : endpoint.request().getRecordComponents()) {
      String name = component.getName();
      String value = query.getOrDefault(name, "");
      if (name.equals("body")) {
        wrapped = true;
        members.put(name, content);
      } else if (!value.isEmpty()) {
        members.put(name, component.getType() == Boolean.class ? flag(name, value) : value);
      }
    }
    Object tree = content == null || wrapped ? members : content;
    return new RecordReader(true).read(endpoint.request(), tree);
  }

  /** The body that goes with an error's status. */
  public static String writeError(AdminError error, String region, String path) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("code", error.code());
    members.put("message", error.message());
    members.put("region", region);
    members.put("path", path);
    return JsonText.format(members);
  }

  /** The error in such a body, sent with this status. */
  public static AdminError readError(int status, String json) {
    if (parse(json) instanceof Map<?, ?> members) {
      return new AdminError(
          String.valueOf(members.get("code")), status, String.valueOf(members.get("message")));
    }
    return AdminError.internalError("an error without a reason");
  }

  private static Boolean flag(String name, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new AdminFailure(
              AdminError.invalidRequest("parameter '" + name + "' must be true or false"));
    };
  }

  private static @Nullable Object parse(String json) {
    try {
      return JsonText.parse(json);
    } catch (JsonSyntaxException e) {
      throw new AdminFailure(AdminError.invalidRequest("Invalid JSON: " + e.getMessage()));
    }
  }
}
