package garage.cli;

import garage.admin.api.AdminClient;
import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.json.AdminJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers each kind of request in the way the test says, and remembers what was asked. */
final class FakeDaemon implements AdminClient {
  private final Map<AdminEndpoint, Object> answers = new HashMap<>();
  final List<AdminRequest<?>> asked = new ArrayList<>();
  int closed;

  FakeDaemon answers(AdminEndpoint endpoint, AdminResponse answer) {
    answers.put(endpoint, answer);
    return this;
  }

  FakeDaemon refuses(AdminEndpoint endpoint, AdminError error) {
    answers.put(endpoint, error);
    return this;
  }

  @Override
  @SuppressWarnings("unchecked") // as the test said
  public <R extends AdminResponse> R call(AdminRequest<R> request) {
    asked.add(request);
    AdminEndpoint endpoint = AdminEndpoint.of(request);
    @Nullable Object answer = answers.get(endpoint);
    if (answer instanceof AdminError error) {
      throw new AdminFailure(error);
    }
    if (answer == null) {
      throw new AssertionError("nobody expected " + request);
    }
    return (R) answer;
  }

  @Override
  public String json(AdminRequest<?> request) {
    return AdminJson.write((Record) call(request));
  }

  @Override
  public String json(String endpoint, String payload) {
    AdminEndpoint known =
        AdminEndpoint.named(endpoint)
            .orElseThrow(() -> new AdminFailure(AdminError.invalidRequest("no " + endpoint)));
    return json(AdminJson.readRequest(known, payload));
  }

  @Override
  public void close() {
    closed++;
  }
}
