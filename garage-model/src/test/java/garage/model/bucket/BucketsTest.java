package garage.model.bucket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.model.ModelCluster;
import garage.model.key.AccessKey;
import garage.model.key.AccessKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Buckets and their names: whatever two nodes do at once, a name stands for one bucket. */
final class BucketsTest {
  private static final String NAME = "lakehouse";

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aBucketIsFoundUnderItsNameOnEveryNode(int nodes) {
    ModelCluster.run(
        1,
        nodes,
        cluster -> {
          Bucket made = create(cluster.first(), NAME, "GK1");
          for (ModelCluster.Node node : cluster.nodes) {
            Bucket found = resolve(node, NAME, null).orElseThrow();
            assertEquals(made.id(), found.id());
            assertEquals(Permissions.ALL, found.permissions("GK1"));
            assertEquals(made.id(), resolve(node, made.id().toString(), null).orElseThrow().id());
            assertEquals(Optional.empty(), resolve(node, "other", null));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatWasReadBeforeIsSeenChangedAtOnce(int nodes) {
    ModelCluster.run(
        7,
        nodes,
        cluster -> {
          ModelCluster.Node node = cluster.first();
          assertEquals(Optional.empty(), resolve(node, NAME, "GK1"));
          Bucket made = create(node, NAME, "GK1");
          assertEquals(
              Permissions.ALL, resolve(node, NAME, "GK1").orElseThrow().permissions("GK1"));
          node.model().buckets().deny(made, "GK1", Permissions.ALL, node.deadline());
          assertEquals(
              Permissions.NONE, resolve(node, NAME, "GK1").orElseThrow().permissions("GK1"));
          assertEquals(Optional.empty(), resolve(node, "mine", "GK1"));
          node.model().buckets().addName(made.id(), "GK1", "mine", node.deadline());
          assertEquals(made.id(), resolve(node, "mine", "GK1").orElseThrow().id());
          node.model().buckets().removeName(made.id(), "GK1", "mine", node.deadline());
          assertEquals(Optional.empty(), resolve(node, "mine", "GK1"));
          AccessKey key = node.model().keys().create("one", node.deadline());
          assertEquals("one", node.model().keys().get(key.id()).orElseThrow().name().value());
          node.model().keys().rename(key, "two", node.deadline());
          assertEquals("two", node.model().keys().get(key.id()).orElseThrow().name().value());
          node.model().keys().delete(key, node.deadline());
          assertEquals(Optional.empty(), node.model().keys().get(key.id()));
        });
  }

  @Test
  void aNodeThatMissedEverythingAsksAQuorumBeforeItRefuses() {
    ModelCluster.run(
        2,
        3,
        cluster -> {
          ModelCluster.Node away = cluster.nodes.getLast();
          cluster.isolate(away);
          Bucket made = create(cluster.first(), NAME, null);
          AccessKey key =
              cluster.first().model().keys().create("newcomer", cluster.first().deadline());
          assertThrows(GarageException.QuorumNotReached.class, () -> resolve(away, NAME, null));
          cluster.heal();
          assertEquals(Optional.empty(), away.model().buckets().get(made.id()));
          assertEquals(Optional.empty(), away.model().keys().get(key.id()));
          assertEquals(made.id(), resolve(away, NAME, null).orElseThrow().id());
          assertEquals(
              key.secret(),
              away.model().keys().get(key.id(), away.deadline()).orElseThrow().secret());
        });
  }

  /** It knows the bucket, and nothing of the name. */
  @Test
  void aNodeThatMissedThatABucketGotAnotherNameFindsItByThat() {
    ModelCluster.run(
        2,
        3,
        cluster -> {
          ModelCluster.Node away = cluster.last();
          Bucket made = create(cluster.first(), NAME, null);
          settle(cluster);
          cluster.missed(
              node -> {
                node.model().buckets().addName(made.id(), Alias.GLOBAL, "second", node.deadline());
                return made;
              },
              _ -> {});
          Buckets buckets = away.model().buckets();
          assertFalse(buckets.get(made.id()).orElseThrow().isNamed(Alias.GLOBAL, "second"));
          for (String name : List.of(NAME, "second")) {
            assertEquals(made.id(), buckets.ofName(name, away.deadline()).orElseThrow().id());
          }
          assertEquals(Optional.empty(), buckets.ofName("third", away.deadline()));
          String id = made.id().toString();
          assertEquals(Optional.empty(), buckets.ofName(id, away.deadline()));
        });
  }

  /** Whatever it knows of the names: none of them, or one. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNodeThatMissedNamesOfABucketTakesAwayAllButTheLast(boolean knowsTheFirst) {
    ModelCluster.run(
        2,
        3,
        cluster -> {
          ModelCluster.Node away = cluster.last();
          Bucket known = knowsTheFirst ? create(cluster.first(), NAME, null) : null;
          settle(cluster);
          Bucket made =
              cluster.missed(
                  node -> {
                    Bucket bucket = known == null ? create(node, NAME, null) : known;
                    Buckets here = node.model().buckets();
                    here.addName(bucket.id(), Alias.GLOBAL, "second", node.deadline());
                    here.addName(bucket.id(), "GK1", "mine", node.deadline());
                    return bucket;
                  },
                  _ -> {});
          Buckets buckets = away.model().buckets();
          assertEquals(
              List.of(NAME, "second", "mine"),
              buckets.names(made.id(), away.deadline()).stream().map(Alias::name).toList());
          buckets.removeName(made.id(), Alias.GLOBAL, NAME, away.deadline());
          buckets.removeName(made.id(), "GK1", "mine", away.deadline());
          assertThrows(
              GarageException.Conflict.class,
              () -> buckets.removeName(made.id(), Alias.GLOBAL, "second", away.deadline()));
          assertEquals(made.id(), resolve(cluster.first(), "second", null).orElseThrow().id());
        });
  }

  @Test
  void withOneNodeOfThreeAwayEverythingGoesOn() {
    ModelCluster.run(
        3,
        3,
        cluster -> {
          cluster.nodes.getLast().powerOff();
          ModelCluster.Node node = cluster.first();
          Bucket bucket = create(node, NAME, null);
          node.model().buckets().addName(bucket.id(), "GK1", "mine", node.deadline());
          node.model().buckets().removeName(bucket.id(), Alias.GLOBAL, NAME, node.deadline());
          assertEquals(Optional.empty(), resolve(cluster.nodes.get(1), NAME, null));
          assertEquals(
              bucket.id(), resolve(cluster.nodes.get(1), "mine", "GK1").orElseThrow().id());
          assertEquals(Optional.empty(), resolve(node, "mine", "GK2"));
          assertEquals(
              Buckets.Deletion.DELETED,
              node.model().buckets().delete(bucket, _ -> true, node.deadline()));
          assertEquals(Optional.empty(), resolve(cluster.nodes.get(1), "mine", "GK1"));
          assertFalse(create(node, NAME, null).id().equals(bucket.id()));
        });
  }

  /** A name that one node alone has accepted, for a request that failed, is nobody's there. */
  @Test
  void aNameThatNeverTookEffectIsNotBelieved() {
    for (long seed = 1; seed <= 20; seed++) {
      ModelCluster.run(
          seed,
          3,
          cluster -> {
            ModelCluster.Node alone = cluster.nodes.getLast();
            Bucket old = create(cluster.first(), "old", null);
            resolve(alone, "old", null);
            cluster.simulation.clock().sleep(Duration.ofSeconds(1));
            Tasks.Task name =
                cluster
                    .simulation
                    .tasks()
                    .start(
                        "name",
                        () -> {
                          try {
                            alone
                                .model()
                                .buckets()
                                .addName(old.id(), Alias.GLOBAL, NAME, alone.deadline());
                          } catch (GarageException.QuorumNotReached e) {
                            cluster.simulation.note("as it should be");
                          }
                        });
            pause(cluster, 40);
            cluster.isolate(alone); // in whatever it is doing
            name.join();
            Buckets elsewhere = cluster.first().model().buckets();
            Optional<Uuid> holder =
                elsewhere.create(NAME, null, cluster.first().deadline())
                        instanceof Buckets.Creation.Created(Bucket made)
                    ? Optional.of(made.id())
                    : Optional.empty();
            cluster.heal();
            holder.ifPresent(id -> assertEquals(id, resolve(alone, NAME, null).orElseThrow().id()));
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"3, 0", "3, 10", "5, 5"})
  void ofManyWhoMakeOneNameAtOnceExactlyOneWins(int nodes, int loss) {
    for (long seed = 1; seed <= 40; seed++) {
      ModelCluster.run(
          seed,
          nodes,
          cluster -> {
            cluster.trouble(20, loss);
            List<Uuid> created = new ArrayList<>();
            List<Uuid> taken = new ArrayList<>();
            List<Tasks.Task> tasks = new ArrayList<>();
            for (ModelCluster.Node node : cluster.nodes) {
              tasks.add(
                  cluster
                      .simulation
                      .tasks()
                      .start(
                          "create",
                          () -> {
                            pause(cluster, 60);
                            try {
                              switch (node.model().buckets().create(NAME, null, node.deadline())) {
                                case Buckets.Creation.Created(Bucket bucket) ->
                                    created.add(bucket.id());
                                case Buckets.Creation.Taken(Bucket holder) ->
                                    taken.add(holder.id());
                              }
                            } catch (GarageException.QuorumNotReached e) {
                              cluster.simulation.note("unknown");
                            }
                          }));
            }
            tasks.forEach(Tasks.Task::join);
            cluster.heal();
            assertTrue(created.size() <= 1, "two won");
            TreeSet<Uuid> holders = new TreeSet<>(created);
            holders.addAll(taken);
            for (ModelCluster.Node node : cluster.nodes) {
              resolve(node, NAME, null).ifPresent(bucket -> holders.add(bucket.id()));
            }
            assertTrue(holders.size() <= 1, "one name, two buckets: " + holders);
            assertTrue(loss > 0 || created.size() == 1, "nobody won");
          });
    }
  }

  /**
   * Makers, deleters and a node that loses its power: at no time are there two buckets of one name,
   * and a bucket that was made stays until it is deleted.
   */
  @Test
  void namesAreTakenAndGivenBackOneAtATime() {
    int made = 0;
    for (long seed = 1; seed <= 60; seed++) {
      int[] count = {0};
      ModelCluster.run(seed, 3, cluster -> churn(cluster, count));
      made += count[0];
    }
    assertTrue(made > 100, made + " buckets made");
  }

  private static void churn(ModelCluster cluster, int[] made) {
    cluster.trouble(15, 4);
    Map<String, long[]> lives = new TreeMap<>(); // when made for certain, when its deletion began
    List<Tasks.Task> tasks = new ArrayList<>();
    for (ModelCluster.Node node : cluster.nodes) {
      tasks.add(
          cluster
              .simulation
              .tasks()
              .start(
                  "churn",
                  () -> {
                    for (int i = 0; i < 4; i++) {
                      pause(cluster, 80);
                      step(cluster, node, lives, made);
                    }
                  }));
    }
    ModelCluster.Node victim = cluster.nodes.get(1);
    cluster.simulation.clock().sleep(Duration.ofMillis(120));
    victim.powerOff();
    cluster.simulation.clock().sleep(Duration.ofMillis(300));
    victim.restart();
    tasks.forEach(Tasks.Task::join);
    List<long[]> spans = new ArrayList<>(lives.values());
    for (int i = 0; i < spans.size(); i++) {
      for (int j = 0; j < i; j++) {
        long[] a = spans.get(i);
        long[] b = spans.get(j);
        assertFalse(a[0] < b[1] && b[0] < a[1], "two buckets of one name at once");
      }
    }
  }

  private static void step(
      ModelCluster cluster, ModelCluster.Node node, Map<String, long[]> lives, int[] made) {
    try {
      node.runs(() -> {
        Buckets buckets = node.model().buckets();
        if (buckets.create(NAME, null, node.deadline())
            instanceof Buckets.Creation.Created(Bucket bucket)) {
          made[0]++;
          long[] life = {cluster.simulation.clock().nanos(), Long.MAX_VALUE};
          lives.put(bucket.id().toString(), life);
          assertEquals(bucket.id(), resolve(node, NAME, null).orElseThrow().id());
          life[1] = cluster.simulation.clock().nanos();
          buckets.delete(bucket, _ -> true, node.deadline());
        }
      });
    } catch (ModelCluster.PowerLost | GarageException.QuorumNotReached e) {
      cluster.simulation.note("no answer");
      cluster.simulation.clock().sleep(Duration.ofSeconds(1));
    }
  }

  @Test
  void aNameOfAnotherBucketIsRefusedAndTheLastNameStays() {
    ModelCluster.run(
        6,
        3,
        cluster -> {
          ModelCluster.Node node = cluster.first();
          Buckets buckets = node.model().buckets();
          Bucket one = create(node, "one", null);
          Bucket two = create(node, "two", null);
          assertThrows(
              GarageException.Conflict.class,
              () -> buckets.addName(two.id(), Alias.GLOBAL, "one", node.deadline()));
          assertThrows(
              GarageException.Missing.class,
              () -> buckets.removeName(two.id(), Alias.GLOBAL, "one", node.deadline()));
          assertThrows(
              GarageException.Conflict.class,
              () -> buckets.removeName(one.id(), Alias.GLOBAL, "one", node.deadline()));
          assertInstanceOf(
              Buckets.Creation.Taken.class, buckets.create("one", null, node.deadline()));
        });
  }

  @Test
  void permissionsGivenOnTwoNodesAddUp() {
    ModelCluster.run(
        7,
        3,
        cluster -> {
          ModelCluster.Node one = cluster.first();
          ModelCluster.Node two = cluster.nodes.getLast();
          Bucket bucket = create(one, NAME, null);
          one.model()
              .buckets()
              .allow(bucket, "GK1", new Permissions(true, false, false), one.deadline());
          two.model()
              .buckets()
              .allow(bucket, "GK1", new Permissions(false, true, false), two.deadline());
          cluster.simulation.clock().sleep(Duration.ofSeconds(1)); // this one may hear of it last
          assertEquals(
              new Permissions(true, true, false),
              resolve(one, NAME, null).orElseThrow().permissions("GK1"));
        });
  }

  /** The other node's clock is ahead, and this one has heard of nothing it did. */
  @Test
  void whatWasSetLaterIsWhatStaysWhateverTheClocks() {
    ModelCluster.run(
        8,
        3,
        cluster -> {
          ModelCluster.Node behind = cluster.last();
          Bucket bucket = create(cluster.first(), NAME, null);
          AccessKey key = cluster.first().model().keys().create("made", behind.deadline());
          settle(cluster);
          cluster.first().machine.jumpWall(Duration.ofSeconds(4));
          cluster.missed(node -> setAll(node, bucket, key, Permissions.ALL, 1), _ -> {});
          setAll(behind, bucket, key, Permissions.NONE, 2);
          Deadline deadline = cluster.first().deadline();
          Bucket now =
              cluster.first().model().buckets().latest(bucket.id(), deadline).orElseThrow();
          assertEquals(Permissions.NONE, now.permissions("GK1"));
          assertEquals(new Quotas(2L, 2L), now.quotas().value());
          assertEquals(Optional.of("2"), now.setting(BucketSetting.WEBSITE));
          AccessKeys keys = cluster.first().model().keys();
          assertTrue(keys.get(key.id(), k -> k.name().value().equals("2"), deadline).isPresent());
        });
  }

  private static boolean setAll(
      ModelCluster.Node node, Bucket bucket, AccessKey key, Permissions permissions, long number) {
    Buckets buckets = node.model().buckets();
    Deadline deadline = node.deadline();
    String text = Long.toString(number);
    buckets.deny(bucket, "GK1", Permissions.ALL, deadline);
    buckets.allow(bucket, "GK1", permissions, deadline);
    buckets.limit(bucket, new Quotas(number, number), deadline);
    buckets.configure(bucket, BucketSetting.WEBSITE, Optional.of(text), deadline);
    node.model().keys().rename(key, text, deadline);
    return true;
  }

  private static Bucket create(ModelCluster.Node node, String name, @Nullable String owner) {
    return switch (node.model().buckets().create(name, owner, node.deadline())) {
      case Buckets.Creation.Created(Bucket bucket) -> bucket;
      case Buckets.Creation.Taken(Bucket holder) -> throw new AssertionError("taken " + holder);
    };
  }

  private static Optional<Bucket> resolve(
      ModelCluster.Node node, String name, @Nullable String keyId) {
    return node.model().buckets().resolve(name, keyId, node.deadline());
  }

  /** Until what was sent has arrived, or is lost. */
  private static void settle(ModelCluster cluster) {
    cluster.simulation.clock().sleep(Duration.ofSeconds(1));
  }

  private static void pause(ModelCluster cluster, int bound) {
    cluster.simulation.clock().sleep(Duration.ofMillis(cluster.simulation.random().nextInt(bound)));
  }
}
