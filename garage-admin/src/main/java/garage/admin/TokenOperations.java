package garage.admin;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminResponse;
import garage.admin.api.Nothing;
import garage.admin.api.TokenRequest;
import garage.admin.api.TokenRequest.TokenChange;
import garage.admin.api.TokenResponse;
import garage.admin.api.TokenResponse.TokenInfo;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.model.token.AdminToken;
import garage.model.token.AdminTokens;
import garage.model.token.AdminTokens.Created;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests about the admin API's own tokens, and what those tokens open. */
public final class TokenOperations {
  /** The scope that opens /metrics, which is no endpoint. */
  public static final String METRICS = "Metrics";

  /** How long a request waits for what others know of its token. */
  private static final Duration ASK_MAX = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(TokenOperations.class);

  private final AdminTokens tokens;
  private final Configured configured;
  private final Clock clock;

  /** {@code configured}: the tokens that the configuration has. */
  public TokenOperations(AdminTokens tokens, Configured configured, Clock clock) {
    this.tokens = tokens;
    this.configured = configured;
    this.clock = clock;
  }

  /** Which tokens the configuration has. They are shown, not changed. */
  public record Configured(boolean admin, boolean metrics) {}

  /** Whether {@code text} is a token, not expired, that opens {@code scope}. */
  public boolean opens(String text, String scope) {
    long now = clock.wallMillis();
    return known(text, token -> !token.isExpired(now) && token.opens(scope));
  }

  /** One that would open nothing as this node knows it opens nothing while no quorum answers. */
  private boolean known(String text, Predicate<AdminToken> isAccepted) {
    try {
      return tokens.ofText(text, isAccepted, Deadline.after(clock, ASK_MAX)).isPresent();
    } catch (GarageException.QuorumNotReached | GarageException.TimedOut e) {
      log.info("Whether an admin token is good is not known: {}", e.getMessage());
      return false;
    }
  }

  AdminResponse handle(TokenRequest<?> request, Deadline deadline) {
    return switch (request) {
      case TokenRequest.ListAdminTokens() -> list();
      case TokenRequest.GetAdminTokenInfo(String id, String search) ->
          info(find(id, search, deadline));
      case TokenRequest.CreateAdminToken create -> create(create, deadline);
      case TokenRequest.UpdateAdminToken(String id, TokenChange change) ->
          info(change(require(id, deadline), change, deadline));
      case TokenRequest.DeleteAdminToken(String id) -> delete(require(id, deadline), deadline);
    };
  }

  private TokenResponse.Tokens list() {
    List<TokenInfo> all = new ArrayList<>();
    if (configured.admin()) {
      all.add(ofConfiguration("admin_token (from the configuration)", AdminToken.ALL));
    }
    if (configured.metrics()) {
      all.add(ofConfiguration("metrics_token (from the configuration)", METRICS));
    }
    tokens.list().forEach(token -> all.add(info(token)));
    return new TokenResponse.Tokens(all);
  }

  private static TokenInfo ofConfiguration(String name, String scope) {
    return new TokenInfo(null, null, name, null, false, List.of(scope));
  }

  private AdminToken require(String id, Deadline deadline) {
    return tokens
        .get(id, deadline)
        .orElseThrow(() -> new AdminFailure(AdminError.noSuchAdminToken(id)));
  }

  private AdminToken find(@Nullable String id, @Nullable String search, Deadline deadline) {
    if (id != null && search == null) {
      return require(id, deadline);
    }
    if (search == null || id != null) {
      throw invalid("give either id or search");
    }
    List<AdminToken> matches =
        tokens.list().stream()
            .filter(token ->
                token.id().startsWith(search) || token.name().value().equalsIgnoreCase(search))
            .toList();
    if (matches.size() == 1) {
      return matches.getFirst();
    }
    Optional<AdminToken> missed =
        matches.isEmpty() ? tokens.get(search, deadline) : Optional.empty();
    return missed.orElseThrow(
        () -> invalid(matches.size() + " matching admin tokens for '" + search + "'"));
  }

  private TokenResponse.NewToken create(TokenRequest.CreateAdminToken wanted, Deadline deadline) {
    TokenChange change =
        new TokenChange(null, wanted.expiration(), wanted.neverExpires(), wanted.scope());
    check(change);
    String name = wanted.name() == null ? "Unnamed token" : wanted.name();
    Created made = tokens.create(name, List.of(AdminToken.ALL), deadline);
    TokenInfo token = info(change(made.token(), change, deadline));
    return new TokenResponse.NewToken(
        made.token().id(),
        made.token().created().instant(),
        token.name(),
        token.expiration(),
        token.expired(),
        token.scope(),
        made.text());
  }

  private AdminToken change(AdminToken token, TokenChange change, Deadline deadline) {
    check(change);
    AdminToken changed = token;
    if (change.scope() != null) {
      changed = tokens.scope(changed, change.scope(), deadline);
    }
    if (change.name() != null) {
      changed = tokens.rename(changed, change.name(), deadline);
    }
    if (change.expiration() != null) {
      changed = tokens.expire(changed, Optional.of(change.expiration().toEpochMilli()), deadline);
    } else if (Boolean.TRUE.equals(change.neverExpires())) {
      changed = tokens.expire(changed, Optional.empty(), deadline);
    }
    return changed;
  }

  private static void check(TokenChange change) {
    if (change.expiration() != null && Boolean.TRUE.equals(change.neverExpires())) {
      throw invalid("a token that never expires has no expiration");
    }
    if (change.scope() != null) {
      for (String name : change.scope()) {
        boolean known = name.equals(AdminToken.ALL) || name.equals(METRICS);
        if (!known && AdminEndpoint.named(name).isEmpty()) {
          throw invalid("the scope has '" + name + "', which is no endpoint, Metrics or *");
        }
      }
    }
  }

  private Nothing delete(AdminToken token, Deadline deadline) {
    tokens.delete(token, deadline);
    return new Nothing();
  }

  private TokenInfo info(AdminToken token) {
    return new TokenInfo(
        token.id(),
        token.created().instant(),
        token.name().value(),
        token.expirationMillis().value().map(Instant::ofEpochMilli).orElse(null),
        token.isExpired(clock.wallMillis()),
        token.scope().value());
  }

  private static AdminFailure invalid(String message) {
    return new AdminFailure(AdminError.invalidRequest(message));
  }
}
