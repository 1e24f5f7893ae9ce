package garage.model.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
              last.does(() -> last.model().tokens().ofText(made.text(), last.deadline()))
                  .isPresent());
          assertEquals(Optional.empty(), find(last, "0".repeat(24)));
          assertEquals(Optional.empty(), find(last, "no token's id"));
        });
  }

  private static Optional<AdminToken> find(ModelCluster.Node node, String id) {
    return node.does(() -> node.model().tokens().get(id, node.deadline()));
  }
}
