package garage.model.key;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.model.ModelCluster;
import org.junit.jupiter.api.Test;

/** Keys on nodes of which one has missed what was changed. */
final class AccessKeysTest {
  @Test
  void aKeyThatWasJustAllowedToMakeBucketsMayOnANodeThatHasMissedIt() {
    ModelCluster.run(
        1,
        3,
        cluster -> {
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node last = cluster.nodes.getLast();
          AccessKey made = first.does(() -> first.model().keys().create("sim", first.deadline()));
          assertFalse(mayCreateBuckets(last, made.id()), "it was never allowed");

          cluster.isolate(last);
          first.does(() -> first.model().keys().allowCreateBucket(made, true, first.deadline()));
          assertThrows(
              GarageException.QuorumNotReached.class, () -> mayCreateBuckets(last, made.id()));

          cluster.heal();
          assertFalse(last.model().keys().get(made.id()).orElseThrow().createBucket().value());
          assertTrue(mayCreateBuckets(last, made.id()));
        });
  }

  @Test
  void aDeletedKeyMakesNoBucketsOnANodeThatHasMissedItsDeletion() {
    ModelCluster.run(
        1,
        3,
        cluster -> {
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node last = cluster.nodes.getLast();
          AccessKey made = first.does(() -> first.model().keys().create("sim", first.deadline()));
          assertFalse(mayCreateBuckets(last, made.id()), "it was never allowed");
          cluster.isolate(last);
          first.runs(() -> {
            AccessKeys keys = first.model().keys();
            keys.delete(keys.allowCreateBucket(made, true, first.deadline()), first.deadline());
          });
          cluster.heal();
          assertFalse(mayCreateBuckets(last, made.id()));
        });
  }

  private static boolean mayCreateBuckets(ModelCluster.Node node, String id) {
    return node.does(() -> {
      AccessKeys keys = node.model().keys();
      AccessKey here = keys.get(id, node.deadline()).orElseThrow();
      return keys.mayCreateBuckets(here, node.deadline());
    });
  }
}
