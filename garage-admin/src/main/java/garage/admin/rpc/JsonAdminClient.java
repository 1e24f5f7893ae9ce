package garage.admin.rpc;

import garage.admin.api.AdminClient;
import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.json.AdminJson;

/** Turns requests into calls, and replies into answers or failures. */
final class JsonAdminClient implements AdminClient {
  private final Line line;
  private final Runnable hangUp;

  /** Carries calls to a node. */
  interface Line {
    AdminReply call(AdminCall call);
  }

  JsonAdminClient(Line line, Runnable hangUp) {
    this.line = line;
    this.hangUp = hangUp;
  }

  @Override
  @SuppressWarnings("unchecked") // the endpoint's own class makes the answer
  public <R extends AdminResponse> R call(AdminRequest<R> request) {
    return (R) AdminJson.readResponse(AdminEndpoint.of(request), json(request));
  }

  @Override
  public String json(AdminRequest<?> request) {
    return json(AdminEndpoint.of(request).wireName(), AdminJson.write((Record) request));
  }

  @Override
  public String json(String endpoint, String payload) {
    AdminReply reply = line.call(new AdminCall(endpoint, payload));
    if (reply.status() != 200) {
      throw new AdminFailure(AdminJson.readError(reply.status(), reply.json()));
    }
    return reply.json();
  }

  @Override
  public void close() {
    hangUp.run();
  }
}
