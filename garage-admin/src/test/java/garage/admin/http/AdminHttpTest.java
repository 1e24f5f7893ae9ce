package garage.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.AdminCalls;
import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.api.ClusterResponse;
import garage.admin.api.KeyRequest;
import garage.admin.api.KeyResponse;
import garage.admin.api.Nothing;
import garage.common.env.Address;
import garage.common.env.system.SystemClock;
import garage.common.metrics.Metrics;
import garage.common.metrics.MetricsText;
import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.ProtocolError;
import garage.http.RequestTarget;
import garage.http.ResponseBody;
import garage.testkit.env.Simulation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The admin port: its routes, who may use them, and what it answers. */
class AdminHttpTest {
  private static final String TOKEN = "correct horse";
  private static final String METRICS_TOKEN = "battery staple";

  private final List<AdminRequest<?>> asked = new ArrayList<>();
  private AdminResponse answer = new KeyResponse.Keys(List.of());
  private @Nullable AdminError refusal;
  private String status = "healthy";
  private boolean serving = true;
  private final Metrics metrics = new Metrics();
  private AdminAccess access = configured(TOKEN, null, false);

  @Test
  void anEndpointIsAskedByItsNameWithTheToken() {
    HttpResponse reply = send("GET", "/v2/ListKeys", TOKEN, "");

    assertEquals(200, reply.status());
    assertEquals("[]", body(reply));
    assertEquals("application/json", reply.headers().first("Content-Type"));
    assertEquals("*", reply.headers().first("Access-Control-Allow-Origin"));
    assertEquals(List.of(new KeyRequest.ListKeys()), asked);
  }

  @Test
  void aProxyLearnsWhichDomainsAreServed() {
    assertEquals(200, send("GET", "/check?domain=b.web.test", "", "").status());
    assertEquals(400, send("GET", "/check?domain=c.web.test", "", "").status());
    assertEquals(400, send("GET", "/check", "", "").status());
  }

  @Test
  void fieldsComeFromTheQueryAndTheBody() {
    answer = new Nothing();

    assertEquals("null", body(send("POST", "/v2/DeleteKey?id=GK1", TOKEN, "")));
    send("POST", "/v2/UpdateKey?id=GK1", TOKEN, "{\"name\":\"b%c\"}");
    send("GET", "/v2/GetKeyInfo?search=a%20b&showSecretKey=true", TOKEN, "");

    assertEquals(
        List.of(
            new KeyRequest.DeleteKey("GK1"),
            new KeyRequest.UpdateKey(
                "GK1", new KeyRequest.KeyChange("b%c", null, null, null, null, null)),
            new KeyRequest.GetKeyInfo(null, "a b", true)),
        asked);
  }

  @Test
  void withoutTheTokenNothingIsDone() {
    for (String token : new String[] {"", "wrong", TOKEN + "x"}) {
      HttpResponse reply = send("POST", "/v2/DeleteKey?id=GK1", token, "");
      assertEquals(403, reply.status());
      assertTrue(body(reply).contains("\"code\": \"AccessDenied\""), body(reply));
    }
    access = configured(null, null, false);
    assertEquals(403, send("GET", "/v2/ListKeys", TOKEN, "").status());
    assertEquals(List.of(), asked);
  }

  @Test
  void aRefusalHasItsStatusAndSaysWhere() {
    refusal = AdminError.noSuchAccessKey("GK1");

    HttpResponse reply = send("GET", "/v2/GetKeyInfo?id=GK1", TOKEN, "");

    assertEquals(404, reply.status());
    assertEquals(
        """
        {
          "code": "NoSuchAccessKey",
          "message": "Access key not found: GK1",
          "region": "garage",
          "path": "/v2/GetKeyInfo"
        }\
        """,
        body(reply));
  }

  @Test
  void whatIsNoEndpointIsRefused() {
    for (String path : List.of("/", "/v2/", "/v2/Nonsense", "/v1/ListKeys", "/v2/ListKeys/")) {
      assertEquals(400, send("GET", path, TOKEN, "").status(), path);
    }
    assertEquals(400, send("POST", "/v2/ListKeys", TOKEN, "").status());
    assertEquals(400, send("GET", "/v2/CreateKey", TOKEN, "").status());
    assertEquals(400, send("POST", "/v2/CreateKey", TOKEN, "{").status());
    assertEquals(List.of(), asked);
  }

  @Test
  void aBodyWithoutBoundsIsRefused() {
    HttpResponse reply = send("POST", "/v2/CreateKey", TOKEN, " ".repeat((8 << 20) + 1));

    assertEquals(400, reply.status());
    assertEquals(List.of(), asked);
  }

  @Test
  void healthIsOpenAndFollowsTheCluster() {
    assertEquals(200, send("GET", "/health", "", "").status());
    status = "degraded";
    assertEquals(200, send("GET", "/health", "", "").status());
    status = "unavailable";
    assertEquals(503, send("GET", "/health", "", "").status());
    status = "healthy";
    serving = false;
    assertEquals(503, send("GET", "/health", "", "").status());
    assertTrue(body(send("HEAD", "/health", "", "")).startsWith("Garage is unavailable"));
  }

  @Test
  void aTokenThatWasMadeOpensItsEndpointsAlone() {
    access =
        new AdminAccess(
            new AdminAccess.Configured(null, null, true),
            (token, endpoint) -> token.equals("id.secret") && !endpoint.equals("DeleteKey"));

    assertEquals(200, send("GET", "/v2/ListKeys", "id.secret", "").status());
    assertEquals(200, send("GET", "/metrics", "id.secret", "").status());
    assertEquals(403, send("POST", "/v2/DeleteKey?id=GK1", "id.secret", "").status());
    assertEquals(403, send("GET", "/v2/ListKeys", "id.other", "").status());
    assertEquals(List.of(new KeyRequest.ListKeys()), asked);
  }

  @Test
  void metricsAreOpenUnlessAToken() {
    metrics.onRead(text -> text.gauge("garage_test", "A test", 7));
    assertTrue(body(send("GET", "/metrics", "", "")).contains("\ngarage_test 7\n"));

    access = configured(TOKEN, METRICS_TOKEN, false);
    assertEquals(403, send("GET", "/metrics", "", "").status());
    assertEquals(403, send("GET", "/metrics", TOKEN, "").status());
    assertEquals(200, send("GET", "/metrics", METRICS_TOKEN, "").status());
    access = configured(TOKEN, null, true);
    assertEquals(403, send("GET", "/metrics", "", "").status());
  }

  @Test
  void requestsAreCountedByTheirEndpoint() {
    refusal = AdminError.noSuchAccessKey("GK1");
    send("GET", "/v2/GetKeyInfo?id=GK1", TOKEN, "");
    MetricsText text = new MetricsText();
    metrics.writeTo(text);
    for (String line :
        List.of(
            "api_admin_request_counter{api_endpoint=\"GetKeyInfo\"} 1\n",
            "api_admin_error_counter{api_endpoint=\"GetKeyInfo\",status_code=\"404\"} 1\n",
            "api_admin_request_duration_count{api_endpoint=\"GetKeyInfo\"} 1\n")) {
      assertTrue(text.toString().contains(line), text.toString());
    }
  }

  @Test
  void optionsAreTheSameEverywhere() {
    HttpResponse reply = send("OPTIONS", "/v2/ListKeys", "", "");

    assertEquals(200, reply.status());
    assertEquals("OPTIONS,GET,POST", reply.headers().first("Allow"));
  }

  @Test
  void theServersOwnRefusalsAreJsonToo() {
    AdminHttp http = http(Objects.requireNonNull(calls()));

    HttpResponse reply =
        http.refuse(new ProtocolError(ProtocolError.Kind.HEAD_TOO_LARGE, "too much"), "ID");

    assertEquals(431, reply.status());
    assertTrue(body(reply).contains("\"message\": \"too much\""), body(reply));
  }

  private static AdminAccess configured(
      @Nullable String admin, @Nullable String metrics, boolean metricsRequireToken) {
    return new AdminAccess(
        new AdminAccess.Configured(admin, metrics, metricsRequireToken), (_, _) -> false);
  }

  private HttpResponse send(String method, String target, String token, String body) {
    HttpResponse[] reply = new HttpResponse[1];
    Simulation.run(
        1,
        simulation -> {
          AdminCalls calls = new AdminCalls(this::handle, "garage", simulation.clock());
          reply[0] = http(calls).handle(request(method, target, token, body));
        });
    return reply[0];
  }

  private AdminCalls calls() {
    AdminCalls[] calls = new AdminCalls[1];
    Simulation.run(
        1, simulation -> calls[0] = new AdminCalls(this::handle, "garage", simulation.clock()));
    return calls[0];
  }

  private AdminHttp http(AdminCalls calls) {
    return new AdminHttp(
        calls,
        this::health,
        metrics,
        access,
        new AdminHttp.Serving(() -> serving, "b.web.test"::equals, new SystemClock()));
  }

  private AdminResponse handle(AdminRequest<?> request, Object deadline) {
    asked.add(request);
    if (refusal != null) {
      throw new AdminFailure(refusal);
    }
    return AdminEndpoint.of(request).response().isInstance(answer) ? answer : new Nothing();
  }

  private ClusterResponse.Health health() {
    return new ClusterResponse.Health(status, 3, 3, 3, 3, 256, 256, 256);
  }

  private static HttpRequest request(String method, String target, String token, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new HttpRequest(
        "0123456789ABCDEF",
        method,
        Objects.requireNonNull(RequestTarget.parse(target)),
        token.isEmpty() ? Headers.EMPTY : Headers.of("authorization", "Bearer " + token),
        BodyStream.of(bytes),
        bytes.length,
        new HttpRequest.Peer(new Address("10.0.0.1", 1), false));
  }

  private static String body(HttpResponse reply) {
    return switch (reply.body()) {
      case ResponseBody.Empty() -> "";
      case ResponseBody.Bytes(byte[] bytes) -> new String(bytes, StandardCharsets.UTF_8);
      case ResponseBody.Streamed _ -> throw new AssertionError("nothing is long enough");
    };
  }
}
