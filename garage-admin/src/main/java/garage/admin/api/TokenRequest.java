package garage.admin.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests about the admin API's own tokens. */
public sealed interface TokenRequest<R extends AdminResponse> extends AdminRequest<R> {
  /** Every token, those of the configuration too. */
  record ListAdminTokens() implements TokenRequest<TokenResponse.Tokens> {}

  /** One token: by its whole id, or by a prefix of the id or the exact name. */
  record GetAdminTokenInfo(@Nullable String id, @Nullable String search)
      implements TokenRequest<TokenResponse.TokenInfo> {}

  /** Makes a token; without a scope it opens everything. */
  record CreateAdminToken(
      @Nullable String name,
      @Nullable Instant expiration,
      @Nullable Boolean neverExpires,
      @Nullable List<String> scope)
      implements TokenRequest<TokenResponse.NewToken> {}

  /** Changes a token. */
  record UpdateAdminToken(String id, TokenChange body)
      implements TokenRequest<TokenResponse.TokenInfo> {}

  /** Forgets a token. */
  record DeleteAdminToken(String id) implements TokenRequest<Nothing> {}

  /** What is to change; null leaves it. */
  record TokenChange(
      @Nullable String name,
      @Nullable Instant expiration,
      @Nullable Boolean neverExpires,
      @Nullable List<String> scope) {}
}
