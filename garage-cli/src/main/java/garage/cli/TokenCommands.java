package garage.cli;

import garage.admin.api.TokenRequest.CreateAdminToken;
import garage.admin.api.TokenRequest.DeleteAdminToken;
import garage.admin.api.TokenRequest.GetAdminTokenInfo;
import garage.admin.api.TokenRequest.ListAdminTokens;
import garage.admin.api.TokenRequest.TokenChange;
import garage.admin.api.TokenRequest.UpdateAdminToken;
import garage.admin.api.TokenResponse.TokenInfo;
import garage.cli.format.TokenText;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garage admin-token …}. A token is named by its name or the beginning of its id. */
final class TokenCommands {
  private TokenCommands() {}

  static CommandGroup group(Session session) {
    return new Group()
        .with("list", () -> new ListAll(session))
        .with("info", () -> new ShowOne(session))
        .with("create", () -> new Create(session))
        .with("rename", () -> new Rename(session))
        .with("set", () -> new Change(session))
        .with("delete", () -> new Delete(session))
        .with("delete-expired", () -> new DeleteExpired(session));
  }

  @Command(name = "admin-token", description = "Tokens of the admin API")
  private static final class Group extends CommandGroup {}

  @Command(description = "List the tokens")
  private static final class ListAll extends ShowingCommand {
    ListAll(Session session) {
      super(session);
    }

    @Override
    public void run() {
      show(new ListAdminTokens(), tokens -> TokenText.list(tokens, session.zone()));
    }
  }

  /** A command about one token that exists. */
  private abstract static class OneToken extends ShowingCommand {
    @Parameters(index = "0", paramLabel = "TOKEN", description = "Its name, or its id's beginning")
    String pattern = "";

    OneToken(Session session) {
      super(session);
    }

    final TokenInfo find() {
      return session.call(new GetAdminTokenInfo(null, pattern));
    }

    final String id() {
      return Objects.requireNonNull(find().id(), "a token that is found has an id");
    }

    final void update(TokenChange change) {
      show(new UpdateAdminToken(id(), change), token -> TokenText.info(token, session.zone()));
    }
  }

  @Command(description = "Show a token")
  private static final class ShowOne extends OneToken {
    ShowOne(Session session) {
      super(session);
    }

    @Override
    public void run() {
      show(new GetAdminTokenInfo(null, pattern), token -> TokenText.info(token, session.zone()));
    }
  }

  @Command(description = "Create a token; its secret is shown this once")
  private static final class Create extends ShowingCommand {
    @Parameters(paramLabel = "NAME", arity = "0..1", description = "Its name")
    String name = "Unnamed token";

    @Option(
        names = "--expires-in",
        paramLabel = "DURATION",
        description = "When it stops working: 6h, 30d")
    @Nullable String expiresIn;

    @Option(
        names = "--scope",
        paramLabel = "A,B",
        description = "The endpoints it opens, such as ListKeys or Metrics; without, every one")
    @Nullable String scope;

    @Option(
        names = {"-q", "--quiet"},
        description = "Print the token alone")
    boolean quiet;

    Create(Session session) {
      super(session);
    }

    @Override
    public void run() {
      Instant expiration = expiresIn == null ? null : session.after(expiresIn);
      List<String> endpoints = scope == null ? null : names(scope);
      show(
          new CreateAdminToken(name, expiration, null, endpoints),
          token -> quiet ? token.secretToken() + "\n" : TokenText.created(token, session.zone()));
    }
  }

  @Command(description = "Give a token another name")
  private static final class Rename extends OneToken {
    @Parameters(index = "1", paramLabel = "NEW_NAME", description = "Its new name")
    String name = "";

    Rename(Session session) {
      super(session);
    }

    @Override
    public void run() {
      update(new TokenChange(name, null, null, null));
    }
  }

  @Command(description = "Change when a token stops working, and what it opens")
  private static final class Change extends OneToken {
    @Mixin Expiry expiry = new Expiry();

    @Option(
        names = "--scope",
        paramLabel = "A,B",
        description = "The endpoints it opens; +A,B adds some, -A,B takes some away")
    @Nullable String scope;

    Change(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (!expiry.isGiven() && scope == null) {
        throw new CommandFailed("nothing to change: give --expires-in, --never-expires or --scope");
      }
      TokenInfo token = find();
      update(
          new TokenChange(
              null,
              expiry.at(session),
              expiry.never(),
              scope == null ? null : changed(token.scope(), scope)));
    }

    private static List<String> changed(List<String> scope, String change) {
      Set<String> names = new LinkedHashSet<>(scope);
      if (change.startsWith("+")) {
        names.addAll(names(change.substring(1)));
      } else if (change.startsWith("-")) {
        names.removeAll(names(change.substring(1)));
      } else {
        return names(change);
      }
      return List.copyOf(names);
    }
  }

  @Command(description = "Delete a token")
  private static final class Delete extends OneToken {
    @Option(names = "--yes", description = "Accepted")
    boolean unusedYes;

    Delete(Session session) {
      super(session);
    }

    @Override
    public void run() {
      String id = id();
      session.call(new DeleteAdminToken(id));
      session.print("Admin token " + id + " is deleted.\n");
    }
  }

  @Command(description = "Delete the tokens that have expired")
  private static final class DeleteExpired extends DeleteExpiredCommand {
    DeleteExpired(Session session) {
      super(session, "admin tokens");
    }

    @Override
    List<String> expired() {
      return session.call(new ListAdminTokens()).tokens().stream()
          .filter(TokenInfo::expired)
          .map(TokenInfo::id)
          .filter(Objects::nonNull)
          .toList();
    }

    @Override
    void delete(String id) {
      session.call(new DeleteAdminToken(id));
    }
  }

  private static List<String> names(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toUnmodifiableList());
  }
}
