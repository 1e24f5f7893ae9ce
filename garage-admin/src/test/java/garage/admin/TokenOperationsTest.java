package garage.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.AdminFailure;
import garage.admin.api.LayoutRequest;
import garage.admin.api.RoleChange;
import garage.admin.api.TokenRequest;
import garage.admin.api.TokenRequest.TokenChange;
import garage.admin.api.TokenResponse.NewToken;
import garage.admin.api.TokenResponse.TokenInfo;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tokens of the admin API over real tables in memory: what they open, and until when. */
class TokenOperationsTest {
  @Test
  void aNewTokenOpensEverythingAndItsSecretIsShownOnce() {
    onNode(node -> {
      NewToken made = node.ask(create("ci", null, null));

      assertTrue(node.tokens().opens(made.secretToken(), "ListKeys"));
      assertTrue(node.tokens().opens(made.secretToken(), TokenOperations.METRICS));
      assertFalse(node.tokens().opens(made.secretToken() + "x", "ListKeys"));
      assertFalse(node.tokens().opens(made.id() + ".", "ListKeys"));
      assertFalse(node.tokens().opens(made.id(), "ListKeys"));
      List<TokenInfo> all = node.ask(new TokenRequest.ListAdminTokens()).tokens();
      assertEquals(2, all.size());
      assertEquals(null, all.getFirst().id());
      assertEquals("ci", all.getLast().name());
      assertFalse(all.toString().contains(made.secretToken()));
    });
  }

  @Test
  void aScopeOpensItsEndpointsAndNoOthers() {
    onNode(node -> {
      NewToken made = node.ask(create("prometheus", null, List.of("Metrics", "ListKeys")));
      assertTrue(node.tokens().opens(made.secretToken(), "Metrics"));
      assertFalse(node.tokens().opens(made.secretToken(), "DeleteKey"));

      node.ask(
          new TokenRequest.UpdateAdminToken(
              made.id(), new TokenChange("all", null, null, List.of("DeleteKey"))));

      assertTrue(node.tokens().opens(made.secretToken(), "DeleteKey"));
      assertFalse(node.tokens().opens(made.secretToken(), "Metrics"));
      assertEquals(
          "all",
          node.ask(new TokenRequest.GetAdminTokenInfo(null, made.id().substring(0, 8))).name());
      AdminFailure refused =
          assertThrows(AdminFailure.class, () -> node.ask(create("x", null, List.of("ListKey"))));
      assertEquals(400, refused.error().status());
    });
  }

  @Test
  void anExpiredOrDeletedTokenOpensNothing() {
    onNode(node -> {
      Instant end = node.clock.now().plus(Duration.ofHours(1));
      NewToken made = node.ask(create("short", end, null));
      assertTrue(node.tokens().opens(made.secretToken(), "ListKeys"));
      node.clock.sleep(Duration.ofHours(1));
      assertFalse(node.tokens().opens(made.secretToken(), "ListKeys"));
      node.ask(
          new TokenRequest.UpdateAdminToken(made.id(), new TokenChange(null, null, true, null)));
      assertTrue(node.tokens().opens(made.secretToken(), "ListKeys"));

      node.ask(new TokenRequest.DeleteAdminToken(made.id()));

      assertFalse(node.tokens().opens(made.secretToken(), "ListKeys"));
      AdminFailure gone =
          assertThrows(
              AdminFailure.class,
              () -> node.ask(new TokenRequest.GetAdminTokenInfo(made.id(), null)));
      assertEquals("NoSuchAdminToken", gone.error().code());
    });
  }

  private static TokenRequest.CreateAdminToken create(
      String name, @Nullable Instant expiration, @Nullable List<String> scope) {
    return new TokenRequest.CreateAdminToken(name, expiration, null, scope);
  }

  private static void onNode(Consumer<TestNode> scenario) {
    Simulation.run(
        1,
        simulation -> {
          TestNode node = new TestNode(simulation, 1);
          String self = node.name.id();
          node.ask(
              new LayoutRequest.UpdateClusterLayout(
                  List.of(RoleChange.assign(self, "dc1", List.of(), 1_000_000L)), null));
          node.ask(new LayoutRequest.ApplyClusterLayout(1));
          scenario.accept(node);
        });
  }
}
