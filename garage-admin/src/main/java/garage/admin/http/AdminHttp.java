package garage.admin.http;

import garage.admin.AdminCalls;
import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.ClusterResponse;
import garage.common.env.Clock;
import garage.common.metrics.Counter;
import garage.common.metrics.Family;
import garage.common.metrics.Histogram;
import garage.common.metrics.Metrics;
import garage.common.metrics.MetricsText;
import garage.http.Headers;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.ProtocolError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The routes of the admin port. */
public final class AdminHttp implements HttpHandler {
  /** Room for thousands of roles in a layout. */
  private static final int BODY_BYTES_MAX = 8 << 20;

  private static final String API = "/v2/";
  private static final String ENDPOINT = "api_endpoint";

  private final AdminCalls calls;
  private final Supplier<ClusterResponse.Health> cluster;
  private final Metrics metrics;
  private final Family<Counter> requests;
  private final Family<Counter> errors;
  private final Family<Histogram> durations;
  private final AdminAccess access;
  private final Clock clock;
  private final BooleanSupplier serving;
  private final Predicate<String> domains;

  /**
   * What the port needs of its process.
   *
   * @param s3 whether S3 requests are answered
   * @param domains whether a host name is one that is served
   */
  public record Serving(BooleanSupplier s3, Predicate<String> domains, Clock clock) {}

  /** {@code cluster} is its health now. */
  public AdminHttp(
      AdminCalls calls,
      Supplier<ClusterResponse.Health> cluster,
      Metrics metrics,
      AdminAccess access,
      Serving serving) {
    this.calls = calls;
    this.cluster = cluster;
    this.metrics = metrics;
    this.requests =
        metrics.counters("api_admin_request_counter", "Requests of the admin API", ENDPOINT);
    this.errors =
        metrics.counters(
            "api_admin_error_counter", "Of them, refused or failed", ENDPOINT, "status_code");
    this.durations =
        metrics.durations("api_admin_request_duration", "Time to the answer", ENDPOINT);
    this.access = access;
    this.serving = serving.s3();
    this.domains = serving.domains();
    this.clock = serving.clock();
  }

  @Override
  public HttpResponse handle(HttpRequest request) {
    String path = request.target().path();
    try {
      if (request.method().equals("OPTIONS")) {
        return options();
      }
      if (path.equals("/health")) {
        requireMethod(request, "GET");
        return health();
      }
      if (path.equals("/check")) {
        requireMethod(request, "GET");
        return check(request.query().first("domain"));
      }
      if (path.equals("/metrics")) {
        requireMethod(request, "GET");
        access.requireMetrics(request);
        return metrics();
      }
      return json(call(request, path));
    } catch (AdminFailure failure) {
      return json(calls.refusal(failure.error(), path));
    }
  }

  @Override
  public HttpResponse refuse(ProtocolError error, String requestId) {
    int status = error.kind().status();
    String code = status >= 500 ? "InternalError" : "InvalidRequest";
    return json(calls.refusal(new AdminError(code, status, error.detail()), ""));
  }

  private AdminCalls.Reply call(HttpRequest request, String path) {
    String name = path.startsWith(API) ? path.substring(API.length()) : "";
    access.require(request, name);
    AdminEndpoint endpoint =
        AdminEndpoint.named(name)
            .orElseThrow(() -> invalid("Unknown API endpoint: " + request.method() + " " + path));
    requireMethod(request, endpoint.method().name());
    Map<String, String> query = new HashMap<>();
    request.query().parameters().forEach(p -> query.putIfAbsent(p.name(), p.value()));
    byte[] body = request.body().readAll(BODY_BYTES_MAX);
    if (body == null) {
      throw invalid("the body is larger than " + BODY_BYTES_MAX + " bytes");
    }
    long start = clock.nanos();
    AdminCalls.Reply reply = calls.call(endpoint, query, new String(body, StandardCharsets.UTF_8));
    durations.of(endpoint.wireName()).record(Duration.ofNanos(clock.nanos() - start));
    requests.of(endpoint.wireName()).increment();
    if (reply.status() >= 400) {
      errors.of(endpoint.wireName(), Integer.toString(reply.status())).increment();
    }
    return reply;
  }

  private HttpResponse health() {
    String status = serving.getAsBoolean() ? cluster.get().status() : "unavailable";
    String text =
        switch (status) {
          case "healthy" -> "Garage is fully operational";
          case "degraded" -> "Garage is operational but some storage nodes are unavailable";
          default -> "Garage is unavailable: requests cannot be answered now";
        };
    return HttpResponse.text(
        status.equals("unavailable") ? 503 : 200,
        text + "\nFor details, ask the admin API's GetClusterHealth.\n");
  }

  /** Whether a domain is served: what a proxy asks before it gets a certificate for it. */
  private HttpResponse check(@Nullable String domain) {
    if (domain == null) {
      throw invalid("No domain query string found");
    }
    if (!domains.test(domain)) {
      throw invalid("Domain '" + domain + "' is not managed by Garage");
    }
    return HttpResponse.text(200, "Domain '" + domain + "' is managed by Garage\n");
  }

  private HttpResponse metrics() {
    MetricsText text = new MetricsText();
    metrics.writeTo(text);
    return HttpResponse.bytes(
        200,
        Headers.of("Content-Type", "text/plain; version=0.0.4; charset=utf-8"),
        text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static HttpResponse options() {
    return HttpResponse.empty(
        200,
        Headers.of(
            "Allow", "OPTIONS,GET,POST",
            "Access-Control-Allow-Methods", "OPTIONS,GET,POST",
            "Access-Control-Allow-Headers", "authorization,content-type",
            "Access-Control-Allow-Origin", "*"));
  }

  private static HttpResponse json(AdminCalls.Reply reply) {
    return HttpResponse.bytes(
        reply.status(),
        Headers.of("Content-Type", "application/json", "Access-Control-Allow-Origin", "*"),
        reply.json().getBytes(StandardCharsets.UTF_8));
  }

  private static void requireMethod(HttpRequest request, String method) {
    boolean head = method.equals("GET") && request.method().equals("HEAD");
    if (!request.method().equals(method) && !head) {
      throw invalid("Unknown API endpoint: " + request.method() + " " + request.target().path());
    }
  }

  private static AdminFailure invalid(String message) {
    return new AdminFailure(AdminError.invalidRequest(message));
  }
}
