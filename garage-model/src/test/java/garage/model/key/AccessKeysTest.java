package garage.model.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.model.ModelCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Keys on nodes of which one has missed what was changed. */
final class AccessKeysTest {
  private static final String ROWS = "table/access_key";

  @Test
  void aKeyThatWasJustAllowedToMakeBucketsMayOnANodeThatHasMissedIt() {
    ModelCluster.run(cluster -> {
      AccessKey made = created(cluster);
      ModelCluster.Node last = cluster.last();
      assertFalse(mayCreateBuckets(last, made.id()), "it was never allowed");
      cluster.missed(
          first -> keys(first).allowCreateBucket(made, true, first.deadline()),
          _ -> assertUnknown(() -> mayCreateBuckets(last, made.id())));
      assertFalse(keys(last).get(made.id()).orElseThrow().createBucket().value());
      assertTrue(mayCreateBuckets(last, made.id()));
    });
  }

  @Test
  void aDeletedKeyMakesNoBucketsOnANodeThatHasMissedItsDeletion() {
    ModelCluster.run(cluster -> {
      AccessKey made = created(cluster);
      cluster.missed(
          first -> {
            AccessKey allowed = keys(first).allowCreateBucket(made, true, first.deadline());
            keys(first).delete(allowed, first.deadline());
            return allowed;
          },
          _ -> {});
      assertFalse(mayCreateBuckets(cluster.last(), made.id()));
    });
  }

  @Test
  void aKeyThatWasJustExtendedIsGoodOnANodeThatHasMissedIt() {
    ModelCluster.run(cluster -> {
      ModelCluster.Node last = cluster.last();
      AccessKey made = created(cluster);
      ModelCluster.Node one = cluster.first();
      one.does(() -> keys(one).expire(made, Optional.of(1L), one.deadline()));
      cluster.simulation.clock().sleep(Duration.ofSeconds(1)); // this one may hear of it last
      assertFalse(isGood(last, made.id()), "it has expired");
      cluster.missed(
          first -> keys(first).expire(made, Optional.empty(), first.deadline()),
          _ -> assertUnknown(() -> isGood(last, made.id())));
      assertTrue(keys(last).get(made.id()).orElseThrow().isExpired(2));
      assertTrue(isGood(last, made.id()));
      int before = last.calls(ROWS);
      assertTrue(isGood(last, made.id()));
      assertEquals(before, last.calls(ROWS), "the node has learnt it");
    });
  }

  @Test
  void manyGuessesOfStrangersShareFewRounds() {
    int guesses = 200;
    ModelCluster.run(cluster -> {
      ModelCluster.Node node = cluster.first();
      AccessKey made = created(cluster);
      int before = node.calls(ROWS);
      List<Optional<AccessKey>> found = new ArrayList<>();
      List<Tasks.Task> tasks = new ArrayList<>();
      for (int i = 0; i < guesses; i++) {
        String id = i % 2 == 0 ? "GK" + "%024x".formatted(i) : made.id();
        tasks.add(
            node.machine
                .tasks()
                .start(
                    "guess",
                    () ->
                        found.add(
                            keys(node).get(id, k -> k.createBucket().value(), node.deadline()))));
      }
      tasks.forEach(Tasks.Task::join);
      assertEquals(Collections.nCopies(guesses, Optional.empty()), found);
      int rounds = (node.calls(ROWS) - before) / cluster.nodes.size();
      assertTrue(rounds >= 1 && rounds <= 6, rounds + " rounds");
    });
  }

  @Test
  void oneWhoseTimeIsUpDoesNotFailThoseItAsksFor() {
    ModelCluster.run(cluster -> {
      ModelCluster.Node node = cluster.last();
      AccessKeys keys = keys(node);
      AccessKey made =
          cluster.missed(first -> keys(first).create("sim", first.deadline()), _ -> {});
      cluster.trouble(50, 0);
      AtomicReference<@Nullable GarageException> hasty = new AtomicReference<>();
      Deadline soon = Deadline.after(node.machine.clock(), Duration.ofMillis(1));
      Tasks.Task task =
          node.machine
              .tasks()
              .start(
                  "hasty",
                  () ->
                      hasty.set(
                          assertThrows(GarageException.class, () -> keys.get(made.id(), soon))));
      node.machine.clock().sleep(Duration.ofNanos(1));
      assertTrue(node.does(() -> keys.get(made.id(), node.deadline())).isPresent());
      task.join();
      assertNotNull(hasty.get());
    });
  }

  private static AccessKeys keys(ModelCluster.Node node) {
    return node.model().keys();
  }

  private static AccessKey created(ModelCluster cluster) {
    ModelCluster.Node first = cluster.first();
    AccessKey made = first.does(() -> keys(first).create("sim", first.deadline()));
    ModelCluster.Node last = cluster.last();
    assertTrue(last.does(() -> keys(last).get(made.id(), last.deadline())).isPresent());
    return made;
  }

  private static void assertUnknown(Executable question) {
    assertThrows(GarageException.QuorumNotReached.class, question);
  }

  private static boolean isGood(ModelCluster.Node node, String id) {
    return node.does(
        () -> node.model().keys().get(id, key -> !key.isExpired(2), node.deadline()).isPresent());
  }

  private static boolean mayCreateBuckets(ModelCluster.Node node, String id) {
    return node.does(() -> node.model().keys().mayCreateBuckets(id, node.deadline()));
  }
}
