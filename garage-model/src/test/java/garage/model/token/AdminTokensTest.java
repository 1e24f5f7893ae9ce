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
  @Test
  void aTokenThatANodeHasMissedOpensThereAllTheSame() {
    ModelCluster.run(
        1,
        3,
        cluster -> {
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node last = cluster.nodes.getLast();
          cluster.isolate(last);
          AdminTokens.Created made =
              first.does(() ->
                  first.model().tokens().create("ci", List.of(AdminToken.ALL), first.deadline()));
          assertThrows(GarageException.QuorumNotReached.class, () -> find(last, made.token().id()));
          cluster.heal();
          assertTrue(find(last, made.token().id()).isPresent());
          assertTrue(
              last.does(() -> last.model().tokens().ofText(made.text(), _ -> true, last.deadline()))
                  .isPresent());
          assertEquals(Optional.empty(), find(last, "0".repeat(24)));
          assertEquals(Optional.empty(), find(last, "no token's id"));
        });
  }

  @Test
  void aTokenOfAWiderScopeOpensItOnANodeThatHasMissedTheChange() {
    ModelCluster.run(
        1,
        3,
        cluster -> {
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node last = cluster.nodes.getLast();
          AdminTokens tokens = first.model().tokens();
          AdminTokens.Created made =
              first.does(() -> tokens.create("ci", List.of("GetHealth"), first.deadline()));
          assertTrue(opens(last, made.text(), "GetHealth"));
          cluster.isolate(last);
          first.does(() -> tokens.scope(made.token(), List.of("ListKeys"), first.deadline()));
          assertTrue(opens(last, made.text(), "GetHealth"), "as it knows for certain");
          assertThrows(
              GarageException.QuorumNotReached.class, () -> opens(last, made.text(), "ListKeys"));
          assertFalse(opens(last, made.text() + "x", "ListKeys"), "another secret");
          cluster.heal();
          assertTrue(opens(last, made.text(), "ListKeys"));
          assertFalse(opens(last, made.text(), "GetHealth"));
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
