package garage.admin.http;

import garage.admin.TokenOperations;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Who may do what over HTTP: tokens of the configuration, and those an operator made. */
public final class AdminAccess {
  private static final String BEARER = "Bearer ";

  private final Configured configured;
  private final BiPredicate<String, String> made;

  /** {@code made}: whether a token that an operator made opens an endpoint. */
  public AdminAccess(Configured configured, BiPredicate<String, String> made) {
    this.configured = configured;
    this.made = made;
  }

  /**
   * The tokens of the configuration. Never printed.
   *
   * @param adminToken opens every endpoint; null: only tokens that were made do
   * @param metricsToken opens /metrics; null: it is open, unless {@code metricsRequireToken}
   */
  public record Configured(
      @Nullable String adminToken, @Nullable String metricsToken, boolean metricsRequireToken) {
    @Override
    public String toString() {
      return "Configured";
    }
  }

  /** Fails unless the request may use this endpoint of the admin API. */
  void require(HttpRequest request, String endpoint) {
    require(request, configured.adminToken, endpoint);
  }

  /** Fails unless the request may read /metrics. */
  void requireMetrics(HttpRequest request) {
    if (configured.metricsToken != null || configured.metricsRequireToken) {
      require(request, configured.metricsToken, TokenOperations.METRICS);
    }
  }

  private void require(HttpRequest request, @Nullable String token, String scope) {
    String header = request.headers().first("Authorization");
    if (header == null) {
      throw denied("Authorization header is missing: it should be Bearer and the token");
    }
    if (!header.startsWith(BEARER)) {
      throw denied("Authorization header should be Bearer and the token");
    }
    String given = header.substring(BEARER.length()).strip();
    boolean right = token != null && equal(given, token);
    if (!right && !made.test(given, scope)) {
      throw denied("Invalid authorization token");
    }
  }

  /** Takes as long for a nearly right token as for a wrong one. */
  private static boolean equal(String given, String token) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }

  private static AdminFailure denied(String message) {
    return new AdminFailure(AdminError.accessDenied(message));
  }
}
