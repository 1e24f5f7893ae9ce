package garage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.Nothing;
import garage.admin.api.TokenRequest;
import garage.admin.api.TokenRequest.TokenChange;
import garage.admin.api.TokenResponse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The commands about tokens of the admin API. */
class TokenCommandsTest {
  private static final String ID = "0123456789abcdef01234567";
  private static final Instant CREATED = Instant.parse("2026-11-22T10:00:00Z");

  private final FakeDaemon daemon = new FakeDaemon();

  @Test
  void createShowsTheSecretAloneWhereThatIsWanted() {
    daemon.answers(
        AdminEndpoint.CREATE_ADMIN_TOKEN,
        new TokenResponse.NewToken(
            ID, CREATED, "ci", null, false, List.of("ListKeys", "Metrics"), ID + ".secret"));

    CommandRun run = run("admin-token", "create", "ci", "--scope", "ListKeys, Metrics");
    assertTrue(run.out().contains("\n  " + ID + ".secret\n"), run.out());
    assertTrue(run.out().contains("Scope:       ListKeys, Metrics\n"), run.out());
    assertEquals(
        new TokenRequest.CreateAdminToken("ci", null, null, List.of("ListKeys", "Metrics")),
        daemon.asked.getLast());

    assertEquals(ID + ".secret\n", run("admin-token", "create", "-q").out());
    assertEquals(
        new TokenRequest.CreateAdminToken("Unnamed token", null, null, null),
        daemon.asked.getLast());
  }

  @Test
  void aScopeIsReplacedOrAddedToOrTakenFrom() {
    daemon.answers(AdminEndpoint.GET_ADMIN_TOKEN_INFO, token(ID, false, "A", "B"));
    daemon.answers(AdminEndpoint.UPDATE_ADMIN_TOKEN, token(ID, false, "A"));

    run("admin-token", "set", "ci", "--scope", "C,D");
    assertEquals(scope("C", "D"), daemon.asked.getLast());
    run("admin-token", "set", "ci", "--scope=+B,C");
    assertEquals(scope("A", "B", "C"), daemon.asked.getLast());
    run("admin-token", "set", "ci", "--scope=-B,C");
    assertEquals(scope("A"), daemon.asked.getLast());
    run("admin-token", "rename", "ci", "cd");
    assertEquals(
        new TokenRequest.UpdateAdminToken(ID, new TokenChange("cd", null, null, null)),
        daemon.asked.getLast());
    assertEquals(1, run("admin-token", "set", "ci").exitCode());
  }

  @Test
  void theListShowsThoseOfTheConfigurationFirst() {
    daemon.answers(
        AdminEndpoint.LIST_ADMIN_TOKENS,
        new TokenResponse.Tokens(
            List.of(
                token(ID, true, "A", "B"),
                new TokenResponse.TokenInfo(null, null, "of file", null, false, List.of("*")))));

    assertEquals(
        """
        ID                        Created     Name     Expiration  Scope
        -                         -           of file  never       *
        0123456789abcdef01234567  2026-11-22  ci       expired     A, ... (2)
        """,
        run("admin-token", "list").out());
  }

  @Test
  void expiredTokensAreDeletedOnlyWhenItIsMeant() {
    daemon.answers(
        AdminEndpoint.LIST_ADMIN_TOKENS,
        new TokenResponse.Tokens(List.of(token(ID, true, "A"), token("ff", false, "A"))));
    daemon.answers(AdminEndpoint.DELETE_ADMIN_TOKEN, new Nothing());

    CommandRun unsure = run("admin-token", "delete-expired");
    assertEquals(1, unsure.exitCode());
    assertTrue(unsure.err().contains(ID), unsure.err());
    assertFalse(daemon.asked.contains(new TokenRequest.DeleteAdminToken(ID)));

    assertEquals(
        "1 admin tokens are deleted.\n", run("admin-token", "delete-expired", "--yes").out());
    assertEquals(new TokenRequest.DeleteAdminToken(ID), daemon.asked.getLast());
  }

  private static TokenResponse.TokenInfo token(
      @Nullable String id, boolean expired, String... scope) {
    return new TokenResponse.TokenInfo(id, CREATED, "ci", null, expired, List.of(scope));
  }

  private static TokenRequest.UpdateAdminToken scope(String... scope) {
    return new TokenRequest.UpdateAdminToken(ID, new TokenChange(null, null, null, List.of(scope)));
  }

  private CommandRun run(String... words) {
    return CommandRun.of(daemon, words);
  }
}
