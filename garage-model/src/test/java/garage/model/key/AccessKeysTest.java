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

/** Keys on nodes of which one has missed what was changed. */
final class AccessKeysTest {
  private static final String ROWS = "table/access_key";

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

  @Test
  void aKeyThatWasJustExtendedIsGoodOnANodeThatHasMissedIt() {
    ModelCluster.run(
        1,
        3,
        cluster -> {
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node last = cluster.nodes.getLast();
          AccessKeys keys = first.model().keys();
          AccessKey made =
              first.does(() ->
                  keys.expire(
                      keys.create("sim", first.deadline()), Optional.of(1L), first.deadline()));
          assertFalse(isGood(last, made.id()), "it has expired");

          cluster.isolate(last);
          first.does(() -> keys.expire(made, Optional.empty(), first.deadline()));
          assertThrows(GarageException.QuorumNotReached.class, () -> isGood(last, made.id()));

          cluster.heal();
          assertTrue(last.model().keys().get(made.id()).orElseThrow().isExpired(2));
          assertTrue(isGood(last, made.id()));
          int before = last.calls(ROWS);
          assertTrue(isGood(last, made.id()));
          assertEquals(before, last.calls(ROWS), "the node has learnt it");
        });
  }

  @Test
  void manyGuessesOfStrangersShareFewRounds() {
    int guesses = 200;
    ModelCluster.run(
        1,
        3,
        cluster -> {
          ModelCluster.Node node = cluster.first();
          AccessKey made = node.does(() -> node.model().keys().create("sim", node.deadline()));
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
                                node.model()
                                    .keys()
                                    .get(id, k -> k.createBucket().value(), node.deadline()))));
          }
          tasks.forEach(Tasks.Task::join);
          assertEquals(Collections.nCopies(guesses, Optional.empty()), found);
          int rounds = (node.calls(ROWS) - before) / cluster.nodes.size();
          assertTrue(rounds >= 1 && rounds <= 6, rounds + " rounds");
        });
  }

  @Test
  void oneWhoseTimeIsUpDoesNotFailThoseItAsksFor() {
    ModelCluster.run(
        1,
        3,
        cluster -> {
          ModelCluster.Node node = cluster.nodes.getLast();
          cluster.isolate(node);
          AccessKey made = cluster.first().model().keys().create("sim", cluster.first().deadline());
          cluster.heal();
          cluster.trouble(50, 0);
          AtomicReference<@Nullable GarageException> hasty = new AtomicReference<>();
          Deadline soon = Deadline.after(node.machine.clock(), Duration.ofMillis(1));
          AccessKeys keys = node.model().keys();
          Tasks.Task task =
              node.machine
                  .tasks()
                  .start(
                      "hasty",
                      () ->
                          hasty.set(
                              assertThrows(
                                  GarageException.class, () -> keys.get(made.id(), soon))));
          node.machine.clock().sleep(Duration.ofNanos(1));
          assertTrue(node.does(() -> keys.get(made.id(), node.deadline())).isPresent());
          task.join();
          assertNotNull(hasty.get());
        });
  }

  private static boolean isGood(ModelCluster.Node node, String id) {
    return node.does(
        () -> node.model().keys().get(id, key -> !key.isExpired(2), node.deadline()).isPresent());
  }

  private static boolean mayCreateBuckets(ModelCluster.Node node, String id) {
    return node.does(() -> node.model().keys().mayCreateBuckets(id, node.deadline()));
  }
}
