package garage.admin.http;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what over HTTP. Never printed.
 *
 * @param adminToken opens the admin API; null: nothing does
 * @param metricsToken opens /metrics; null: it is open, unless {@code metricsRequireToken}
 */
public final class AdminTokens {
  private static final String BEARER = "Bearer ";

  private final byte @Nullable [] adminToken;
  private final byte @Nullable [] metricsToken;
  private final boolean metricsRequireToken;

  public AdminTokens(
      @Nullable String adminToken, @Nullable String metricsToken, boolean metricsRequireToken) {
    this.adminToken = bytes(adminToken);
    this.metricsToken = bytes(metricsToken);
    this.metricsRequireToken = metricsRequireToken;
  }

  /** Fails unless the request may use the admin API. */
  void requireAdmin(HttpRequest request) {
    require(request, adminToken, "no admin_token is configured");
  }

  /** Fails unless the request may read /metrics. */
  void requireMetrics(HttpRequest request) {
    if (metricsToken != null || metricsRequireToken) {
      require(request, metricsToken, "no metrics_token is configured");
    }
  }

  private static void require(HttpRequest request, byte @Nullable [] token, String whenNone) {
    if (token == null) {
      throw denied(whenNone);
    }
    String header = request.headers().first("Authorization");
    if (header == null) {
      throw denied("Authorization header is missing: it should be Bearer and the token");
    }
    if (!header.startsWith(BEARER)) {
      throw denied("Authorization header should be Bearer and the token");
    }
    byte[] given = header.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8);
    // Takes as long for a nearly right token as for a wrong one.
    if (!MessageDigest.isEqual(given, token)) {
      throw denied("Invalid authorization token");
    }
  }

  private static AdminFailure denied(String message) {
    return new AdminFailure(AdminError.accessDenied(message));
  }

  private static byte @Nullable [] bytes(@Nullable String token) {
    return token == null ? null : token.getBytes(StandardCharsets.UTF_8);
  }
}
