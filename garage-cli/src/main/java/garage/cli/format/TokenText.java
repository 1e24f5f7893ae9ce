package garage.cli.format;

import garage.admin.api.TokenResponse.NewToken;
import garage.admin.api.TokenResponse.TokenInfo;
import garage.admin.api.TokenResponse.Tokens;
import garage.common.text.TextTable;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Tokens of the admin API. */
public final class TokenText {
  private TokenText() {}

  /** A line for each token: those of the configuration, then the oldest first. */
  public static String list(Tokens tokens, ZoneId zone) {
    TextTable table = new TextTable().row("ID", "Created", "Name", "Expiration", "Scope");
    tokens.tokens().stream()
        .sorted(
            Comparator.comparing(
                TokenInfo::created, Comparator.nullsFirst(Comparator.<Instant>naturalOrder())))
        .forEach(token ->
            table.row(
                token.id() == null ? "-" : token.id(),
                token.created() == null ? "-" : Times.day(token.created(), zone),
                token.name(),
                token.expired() ? "expired" : expiration(token.expiration(), zone),
                Cells.aliases(token.scope())));
    return table.toString();
  }

  /** A token. */
  public static String info(TokenInfo token, ZoneId zone) {
    TextTable table = new TextTable().row("Token ID:", token.id() == null ? "-" : token.id());
    return Cells.heading("ADMINISTRATION TOKEN INFORMATION") + details(table, token, zone);
  }

  /** A new token with its text, which is shown this once. */
  public static String created(NewToken token, ZoneId zone) {
    TokenInfo shown =
        new TokenInfo(
            token.id(),
            token.created(),
            token.name(),
            token.expiration(),
            token.expired(),
            token.scope());
    return "Admin token created. Keep its secret, which cannot be shown again:\n\n  "
        + token.secretToken()
        + "\n\n"
        + Cells.heading("ADMINISTRATION TOKEN INFORMATION")
        + details(new TextTable().row("Token ID:", token.id()), shown, zone);
  }

  private static String details(TextTable table, TokenInfo token, ZoneId zone) {
    return table
        .row("Token name:", token.name())
        .row("Created:", token.created() == null ? "-" : Times.full(token.created(), zone))
        .row("Validity:", token.expired() ? "EXPIRED" : "valid")
        .row("Expiration:", expiration(token.expiration(), zone))
        .row("Scope:", String.join(", ", token.scope()))
        .toString();
  }

  private static String expiration(@Nullable Instant at, ZoneId zone) {
    return at == null ? "never" : Times.full(at, zone);
  }
}
