package garage.model.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Tasks;
import garage.model.ModelCluster;
import garage.model.bucket.BucketSetting;
import garage.model.counter.BucketCounters;
import garage.model.lifecycle.LifecycleRule.Expiration;
import garage.model.lifecycle.LifecycleRule.Noncurrent;
import garage.model.object.Annotations;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.model.object.VersionId;
import garage.model.object.Versioning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The workers of a cluster, while clients write, nodes crash, and replicas know different things.
 */
final class LifecycleWorkerTest {
  private static LifecycleRule old(
      int days, @Nullable Integer newer, @Nullable Expiration expiration) {
    return new LifecycleRule(
        "r", true, LifecycleTest.prefix(""), expiration, new Noncurrent(days, newer), null);
  }

  @Test
  void eachObjectThatIsDueIsDeletedOnceByTheFirstNodeThatIsUp() {
    ModelCluster.run(
        1,
        3,
        cluster -> {
          LifecycleWorld world = LifecycleWorld.plain(cluster);
          ModelCluster.Node first = cluster.first();
          for (int i = 0; i < 20; i++) {
            world.putOld(first, "old/" + i);
            world.put(first, "old/new" + i, "new", Duration.ofDays(1));
            world.put(first, "other/" + i, "other", LifecycleWorld.TEN_DAYS);
          }
          List<Long> expired = new ArrayList<>();
          for (ModelCluster.Node node : cluster.nodes) {
            expired.add(world.pass(node).expired());
          }
          assertEquals(List.of(20L, 0L, 0L), expired);
          Set<String> left = world.keys(cluster.nodes.getLast());
          assertEquals(40, left.size());
          assertTrue(left.stream().noneMatch(key -> key.matches("old/[0-9]+")), left::toString);
          assertEquals(new BucketCounters.Counts(40, 20 * 3 + 20 * 5, 0), world.counts());
        });
  }

  @Test
  void anotherNodeSeesToItWhileTheFirstIsDown() {
    ModelCluster.run(
        2,
        3,
        cluster -> {
          LifecycleWorld world = LifecycleWorld.plain(cluster);
          ModelCluster.Node second = cluster.nodes.get(1);
          world.putOld(second, "old/a");
          cluster.first().powerOff();
          assertEquals(1, world.pass(second).expired());
          assertEquals(Set.of(), world.keys(cluster.nodes.getLast()));
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void workersThatGetInEachOthersWayDeleteNothingTwiceAndNothingThatWasWrittenMeanwhile(long seed) {
    ModelCluster.run(
        seed,
        3,
        cluster -> {
          LifecycleWorld world = LifecycleWorld.plain(cluster);
          world.putOld(cluster.first(), 12);
          cluster.trouble(20, 0);
          List<LifecycleWorker> workers = cluster.nodes.stream().map(world::lonely).toList();
          List<Tasks.Task> tasks = new ArrayList<>();
          for (int n = 0; n < 3; n++) {
            ModelCluster.Node node = cluster.nodes.get(n);
            LifecycleWorker worker = workers.get(n);
            tasks.add(
                node.machine.tasks().start("lifecycle", () -> LifecycleWorld.pass(node, worker)));
          }
          ModelCluster.Node writer = cluster.nodes.get(1);
          Runnable writing =
              () -> {
                for (int i = 11; i >= 0; i -= 2) {
                  world.put(writer, "old/" + i, "new", Duration.ZERO);
                }
              };
          tasks.add(writer.machine.tasks().start("writer", writing));
          tasks.forEach(Tasks.Task::join);
          for (int i = 0; i < 12; i++) {
            assertEquals(i % 2 == 1 ? "new" : null, world.get(cluster.first(), "old/" + i));
          }
          long expired = workers.stream().mapToLong(w -> w.tally().expired()).sum();
          assertTrue(expired >= 6 && expired <= 12, "expired " + expired);
          assertEquals(new BucketCounters.Counts(6, 18, 0), world.counts());
        });
  }

  @Test
  void afterACrashAtAnyCommitTheNextPassDoesTheRest() {
    boolean[] wasWhole = {false};
    for (int commits = 0; !wasWhole[0]; commits++) {
      int at = commits;
      assertTrue(at < 200, "comes to no end");
      ModelCluster.run(
          100 + at,
          3,
          cluster -> {
            LifecycleWorld world = LifecycleWorld.plain(cluster);
            ModelCluster.Node first = cluster.first();
            for (int i = 0; i < 6; i++) {
              world.putOld(first, "old/" + i);
              world.put(first, "old/new" + i, "new", Duration.ZERO);
            }
            first.crashAfter(at);
            long before = 0;
            try {
              LifecycleWorker worker = world.worker(first);
              first.runs(() -> LifecycleWorld.pass(first, worker));
              wasWhole[0] = true;
              before = worker.tally().expired();
              first.crashAfter(Integer.MAX_VALUE);
            } catch (ModelCluster.PowerLost e) {
              cluster.simulation.note("crashed as told");
              first.restart();
            }
            LifecycleWorker again = world.worker(first);
            LifecycleWorld.pass(first, again);
            // what only this node knows to be deleted is so once the replicas are brought together
            first.work();
            assertEquals(6, world.keys(cluster.nodes.getLast()).size());
            assertTrue(before + again.tally().expired() <= 12);
            assertTrue(!again.lastCompleted().equals("never"));
          });
    }
  }

  @Test
  void aPassGoesOnWhereItWasAndNextDayBeginsAnew() {
    ModelCluster.run(
        3,
        1,
        cluster -> {
          LifecycleWorld world = LifecycleWorld.plain(cluster);
          ModelCluster.Node node = cluster.first();
          LifecycleWorker worker = world.worker(node);
          world.putOld(node, "old/a");
          LifecycleWorld.pass(node, worker);
          world.putOld(node, "old/b");
          LifecycleWorker restarted = world.worker(node);
          LifecycleWorld.pass(node, restarted);
          assertEquals(Set.of("old/b"), world.keys(node), "the day has been seen to");
          node.machine.clock().sleep(Duration.ofDays(1));
          LifecycleWorld.pass(node, restarted);
          assertEquals(Set.of(), world.keys(node));
        });
  }

  @Test
  void whereVersionsAreKeptAnExpiredObjectIsHiddenAndItsVersionsGoInTheirTime() {
    ModelCluster.run(
        4,
        3,
        cluster -> {
          LifecycleWorld world =
              new LifecycleWorld(
                  cluster, Versioning.ENABLED, old(4, 2, new Expiration.AfterDays(3)));
          ModelCluster.Node first = cluster.first();
          for (int i = 9; i >= 5; i--) {
            world.put(first, "a", "v" + i, Duration.ofDays(i));
          }
          world.put(first, "b", "new", Duration.ofDays(1));
          world.pass(first);
          // all but v5 were superseded five days ago or more, and two stay
          assertEquals(List.of("a*-", "a v5", "a v6", "b*new"), world.history(first));
          assertEquals(new BucketCounters.Counts(3, 2 + 2 + 3, 0), world.counts());
          assertEquals(Optional.empty(), Optional.ofNullable(world.get(first, "a")));
        });
  }

  @Test
  void withVersioningSuspendedTheMarkerTakesThePlaceOfTheNullVersion() {
    ModelCluster.run(
        5,
        3,
        cluster -> {
          LifecycleWorld world =
              new LifecycleWorld(cluster, Versioning.SUSPENDED, LifecycleWorld.days(3));
          ModelCluster.Node first = cluster.first();
          world.put(first, "old/a", "null", LifecycleWorld.TEN_DAYS);
          world.pass(first);
          assertEquals(List.of("old/a*-"), world.history(first));
          assertEquals(new BucketCounters.Counts(0, 0, 0), world.counts());
        });
  }

  /** The node that acts knows of the deletion alone, as it missed what that hides. */
  @Test
  void aDeletionStaysAsLongAsItHidesAVersionThatOnlyOthersHave() {
    ModelCluster.run(
        6,
        3,
        cluster -> {
          LifecycleWorld world =
              new LifecycleWorld(
                  cluster, Versioning.ENABLED, old(100, null, new Expiration.OfMarkers(true)));
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node other = cluster.nodes.get(1);
          cluster.isolate(first);
          world.put(other, "a", "hidden", LifecycleWorld.TEN_DAYS);
          cluster.heal();
          world.mark(first, "a", LifecycleWorld.TEN_DAYS);
          world.mark(first, "b", LifecycleWorld.TEN_DAYS);
          world.pass(first);
          assertEquals(List.of("a*-", "a hidden"), world.history(other));
        });
  }

  /** A version that is the present one again is not old any more. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32})
  void aVersionThatBecomesThePresentOneAgainIsNotRemoved(long seed) {
    ModelCluster.run(
        seed,
        3,
        cluster -> {
          LifecycleWorld world =
              new LifecycleWorld(cluster, Versioning.ENABLED, old(1, null, null));
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node other = cluster.nodes.get(1);
          world.put(first, "a", "one", LifecycleWorld.TEN_DAYS);
          VersionId two = world.put(first, "a", "two", Duration.ofDays(5));
          cluster.trouble(20, 0);
          LifecycleWorker worker = world.worker(first);
          Tasks.Task task =
              first.machine.tasks().start("lifecycle", () -> LifecycleWorld.pass(first, worker));
          other.machine.clock().sleep(Duration.ofMillis(cluster.simulation.random().nextInt(150)));
          LifecycleWorld.objects(other)
              .remove(world.target("a").key(), Set.of(two), other.deadline());
          String after = world.get(other, "a");
          task.join();
          assertEquals(after, world.get(other, "a"), "it was there, and nobody deleted it");
        });
  }

  @Test
  void anUploadIsGivenUpUnlessItIsBeingCompleted() {
    ModelCluster.run(
        7,
        3,
        cluster -> {
          LifecycleRule rule =
              new LifecycleRule("r", true, LifecycleTest.prefix("u/"), null, null, 2);
          LifecycleWorld world = new LifecycleWorld(cluster, Versioning.NONE, rule);
          ModelCluster.Node first = cluster.first();
          Uploads uploads = first.model().objects().uploads();
          Upload old = begin(world, first, "u/old");
          Upload other = begin(world, first, "v/old");
          Upload died = begin(world, first, "u/died");
          uploads.start(died.object(), died.id(), List.of(), first.deadline());
          Upload completing = begin(world, first, "u/completing");
          first.machine.clock().sleep(Duration.ofDays(4));
          uploads.start(completing.object(), completing.id(), List.of(), first.deadline());
          Upload young = begin(world, first, "u/young");
          assertEquals(2, world.pass(first).uploads());
          List<Upload> left = new ArrayList<>();
          for (Upload upload : List.of(old, other, died, completing, young)) {
            uploads.find(upload.object(), upload.id(), first.deadline()).ifPresent(left::add);
          }
          assertEquals(
              List.of("v/old", "u/completing", "u/young"),
              left.stream().map(upload -> upload.object().key()).toList());
          assertEquals(new BucketCounters.Counts(0, 0, 3), world.counts());
        });
  }

  private static Upload begin(LifecycleWorld world, ModelCluster.Node node, String key) {
    var begin =
        new Uploads.Begin(
            world.target(key).key(), "GK1", List.of(), Annotations.of("GK1"), null, null);
    return node.model().objects().uploads().create(begin, node.deadline());
  }

  @Test
  void aKeyOfMoreVersionsThanAPageLosesAllThatAreDue() {
    ModelCluster.run(
        8,
        1,
        cluster -> {
          LifecycleWorld world = new LifecycleWorld(cluster, Versioning.ENABLED, old(1, 3, null));
          ModelCluster.Node node = cluster.first();
          for (int i = 0; i < 1_100; i++) {
            world.put(node, "a", "v" + i, LifecycleWorld.TEN_DAYS);
          }
          world.put(node, "b", "last", Duration.ZERO);
          assertEquals(1_096, world.pass(node).expired());
          assertEquals(
              List.of("a*v1099", "a v1098", "a v1097", "a v1096", "b*last"), world.history(node));
        });
  }

  @Test
  void aBucketThatLosesItsRulesIsLeftAlone() {
    ModelCluster.run(
        9,
        3,
        cluster -> {
          LifecycleWorld world = LifecycleWorld.plain(cluster);
          ModelCluster.Node first = cluster.first();
          world.putOld(first, "old/a");
          LifecycleWorker worker = world.worker(first);
          worker.step(); // the pass begins
          ModelCluster.Node other = cluster.nodes.get(1);
          other
              .model()
              .buckets()
              .configure(
                  world.bucket(), BucketSetting.LIFECYCLE, Optional.empty(), other.deadline());
          LifecycleWorld.pass(first, worker);
          assertEquals(Set.of("old/a"), world.keys(first));
        });
  }
}
