package garage.admin.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers about the admin API's own tokens. */
public sealed interface TokenResponse extends AdminResponse {
  /** Every token. */
  @Bare
  record Tokens(List<TokenInfo> tokens) implements TokenResponse {
    public Tokens {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * A token.
   *
   * @param id null for one of the configuration
   * @param scope the endpoints it opens; {@code *} is every one
   */
  record TokenInfo(
      @Nullable String id,
      @Nullable Instant created,
      String name,
      @Nullable Instant expiration,
      boolean expired,
      List<String> scope)
      implements TokenResponse {
    public TokenInfo {
      scope = List.copyOf(scope);
    }
  }

  /** A token just made, with its text, which is not shown again. */
  record NewToken(
      String id,
      Instant created,
      String name,
      @Nullable Instant expiration,
      boolean expired,
      List<String> scope,
      String secretToken)
      implements TokenResponse {
    public NewToken {
      scope = List.copyOf(scope);
    }

    @Override
    public String toString() {
      return "NewToken[" + id + "]";
    }
  }
}
