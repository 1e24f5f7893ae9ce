package garage.model.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.model.ModelCluster;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tokens on nodes of which one has missed that they were made. */
final class AdminTokensTest {
  private static final String ALL = AdminToken.ALL;

  @Test
  void aTokenThatANodeHasMissedOpensThereAllTheSame() {
    ModelCluster.run(cluster -> {
      ModelCluster.Node last = cluster.last();
      AdminTokens.Created made =
          cluster.missed(
              first -> first.model().tokens().create("ci", List.of(ALL), first.deadline()),
              _ -> {});
      assertEquals(Optional.empty(), last.model().tokens().list().stream().findFirst());
      assertTrue(find(last, made.token().id()).isPresent());
      assertTrue(opens(last, made.text(), "GetHealth"));
      assertEquals(Optional.empty(), find(last, "0".repeat(24)));
      assertEquals(Optional.empty(), find(last, "no token's id"));
    });
  }

  @Test
  void aTokenOfAWiderScopeOpensItOnANodeThatHasMissedTheChange() {
    ModelCluster.run(cluster -> {
      ModelCluster.Node one = cluster.first();
      AdminTokens.Created made =
          one.does(() -> one.model().tokens().create("ci", List.of("GetHealth"), one.deadline()));
      cluster.missed(
          first ->
              first.model().tokens().scope(made.token(), List.of("ListKeys"), first.deadline()),
          last -> {
            assertTrue(opens(last, made.text(), "GetHealth"), "as it knows for certain");
            assertFalse(opens(last, made.text() + "x", "ListKeys"), "another secret");
            assertThrows(
                GarageException.QuorumNotReached.class, () -> opens(last, made.text(), "ListKeys"));
          });
      assertTrue(opens(cluster.last(), made.text(), "ListKeys"));
      assertFalse(opens(cluster.last(), made.text(), "GetHealth"));
    });
  }

  private static boolean opens(ModelCluster.Node node, String text, String endpoint) {
    return node.does(() ->
        node.model()
            .tokens()
            .ofText(text, token -> token.opens(endpoint), node.deadline())
            .isPresent());
  }

  private static Optional<AdminToken> find(ModelCluster.Node node, String id) {
    return node.does(() -> node.model().tokens().get(id, node.deadline()));
  }
}
