package garage.admin;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.json.AdminJson;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import java.time.Duration;
import java.util.Map;

/** The admin API as JSON text in and out, the same for HTTP and for calls between nodes. */
public final class AdminCalls {
  /** An operator waits for the answer. */
  private static final Duration TIME_MAX = Duration.ofSeconds(60);

  private final Answering service;
  private final String region;
  private final Clock clock;

  /** {@code region} is what errors show. */
  public AdminCalls(Answering service, String region, Clock clock) {
    this.service = service;
    this.region = region;
    this.clock = clock;
  }

  /** Answers requests: an {@link AdminService}. */
  @FunctionalInterface
  public interface Answering {
    /** See {@link AdminService#handle}. */
    AdminResponse handle(AdminRequest<?> request, Deadline deadline);
  }

  /** A status, and the JSON that goes with it. */
  public record Reply(int status, String json) {}

  /** Answers the endpoint of this name; {@code payload} has all its fields. */
  public Reply call(String name, String payload, Deadline deadline) {
    try {
      AdminEndpoint endpoint = endpoint(name);
      return answer(AdminJson.readRequest(endpoint, payload), deadline);
    } catch (AdminFailure failure) {
      return refusal(failure.error(), "/v2/" + name);
    }
  }

  /** Answers a request over HTTP; see {@link AdminJson#readRequest(AdminEndpoint, Map, String)}. */
  public Reply call(AdminEndpoint endpoint, Map<String, String> query, String body) {
    try {
      return answer(AdminJson.readRequest(endpoint, query, body), Deadline.after(clock, TIME_MAX));
    } catch (AdminFailure failure) {
      return refusal(failure.error(), "/v2/" + endpoint.wireName());
    }
  }

  /** The reply that says {@code error}, met at {@code path}. */
  public Reply refusal(AdminError error, String path) {
    return new Reply(error.status(), AdminJson.writeError(error, region, path));
  }

  private Reply answer(AdminRequest<?> request, Deadline deadline) {
    Deadline until = deadline.earlier(Deadline.after(clock, TIME_MAX));
    return new Reply(200, AdminJson.write((Record) service.handle(request, until)));
  }

  private static AdminEndpoint endpoint(String name) {
    return AdminEndpoint.named(name)
        .orElseThrow(
            () -> new AdminFailure(AdminError.invalidRequest("Unknown API endpoint: " + name)));
  }
}
