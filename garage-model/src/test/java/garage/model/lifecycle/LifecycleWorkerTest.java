package garage.model.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.env.Tasks;
import garage.common.id.NodeId;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.model.ModelCluster;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import garage.model.counter.BucketCounters;
import garage.model.lifecycle.LifecycleRule.Expiration;
import garage.model.lifecycle.LifecycleRule.Noncurrent;
import garage.model.object.Annotations;
import garage.model.object.Content;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.model.object.VersionId;
import garage.model.object.VersionScan;
import garage.model.object.Versioning;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The workers of a cluster, while clients write, nodes crash, and replicas know different things.
 */
final class LifecycleWorkerTest {
  private static final Duration TEN_DAYS = Duration.ofDays(10);

  /** Steps of a pass over what these tests have, with much to spare. */
  private static final int STEPS_MAX = 2_000;

  /** A cluster with a bucket whose rules delete what is old. */
  private static final class World {
    private final ModelCluster cluster;
    private final Bucket bucket;
    private final Versioning versioning;

    World(ModelCluster cluster, Versioning versioning, LifecycleRule... rules) {
      this.cluster = cluster;
      this.versioning = versioning;
      ModelCluster.Node first = cluster.first();
      Map<BucketSetting, String> settings = new TreeMap<>();
      settings.put(BucketSetting.LIFECYCLE, LifecycleTest.of(rules).toSetting());
      settings.put(BucketSetting.VERSIONING, versioning.name());
      if (versioning == Versioning.NONE) {
        settings.remove(BucketSetting.VERSIONING);
      }
      Buckets.Creation made =
          first.model().buckets().create("bkt", "GK1", settings, first.deadline());
      this.bucket = ((Buckets.Creation.Created) made).bucket();
    }

    Objects.Target target(String key) {
      return new Objects.Target(new ObjectKey(bucket.id(), key), versioning);
    }

    static Objects objects(ModelCluster.Node node) {
      return node.model().objects().objects();
    }

    VersionId put(ModelCluster.Node node, String key, String text, Duration ago) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      long written = node.machine.clock().wallMillis() - ago.toMillis();
      var object =
          new ObjectVersion.Stored(
              new Content.Inline(),
              bytes.length,
              text,
              written,
              List.of(),
              null,
              Annotations.of("GK1"));
      return objects(node).put(target(key), object, ByteBuffer.wrap(bytes), node.deadline());
    }

    void mark(ModelCluster.Node node, String key, Duration ago) {
      long written = node.machine.clock().wallMillis() - ago.toMillis();
      objects(node)
          .delete(target(key), new ObjectVersion.DeleteMarker("GK1", written), node.deadline());
    }

    @Nullable String get(ModelCluster.Node node, String key) {
      return objects(node)
          .get(target(key).key(), node.deadline())
          .map(found -> found.object().etag())
          .orElse(null);
    }

    /** Keys and tags, as ListObjectVersions has them; the present one with a star. */
    List<String> history(ModelCluster.Node node) {
      List<String> all = new ArrayList<>();
      try (VersionScan.Cursor cursor = objects(node).versions(bucket.id(), "", node.deadline())) {
        for (var listed = cursor.next(); listed != null; listed = cursor.next()) {
          String what =
              listed.version() instanceof ObjectVersion.Stored stored ? stored.etag() : "-";
          all.add(listed.key() + (listed.latest() ? "*" : " ") + what);
        }
      }
      return all;
    }

    /** Keys of objects, as ListObjects has them. */
    Set<String> keys(ModelCluster.Node node) {
      Set<String> all = new TreeSet<>();
      try (Objects.Cursor cursor =
          objects(node).list(bucket.id(), Objects.Span.ALL, node.deadline())) {
        for (var listed = cursor.next(); listed != null; listed = cursor.next()) {
          all.add(listed.key());
        }
      }
      return all;
    }

    BucketCounters.Counts counts() {
      ModelCluster.Node node = cluster.first();
      return node.model().counters().read(bucket.id(), node, node.deadline());
    }

    LifecycleWorker worker(ModelCluster.Node node) {
      Predicate<NodeId> isUp =
          id ->
              cluster.nodes.stream()
                  .anyMatch(other -> other.self().equals(id) && other.machine.isRunning());
      return node.model().lifecycle(node.machine.tasks(), LifecycleCalendar.UTC, isUp);
    }

    /** One that believes to be alone, so that it takes everything on itself. */
    LifecycleWorker lonely(ModelCluster.Node node) {
      return node.model().lifecycle(node.machine.tasks(), LifecycleCalendar.UTC, _ -> false);
    }
  }

  /** Lets a worker do one pass. */
  private static LifecycleState.Tally pass(ModelCluster.Node node, LifecycleWorker worker) {
    for (int i = 0; i < STEPS_MAX; i++) {
      switch (worker.step()) {
        case WorkerState.Throttled(Duration pause) -> node.machine.clock().sleep(pause);
        case WorkerState.Idle _ -> {
          return worker.tally();
        }
        case WorkerState.Busy(), WorkerState.Done() -> {}
      }
    }
    throw new AssertionError("a pass comes to no end");
  }

  private static Tasks.Task started(ModelCluster.Node node, String name, Runnable what) {
    return node.machine.tasks().start(name, what);
  }

  private static LifecycleRule days(int days) {
    return LifecycleTest.expiring(
        "r", LifecycleTest.prefix("old/"), new Expiration.AfterDays(days));
  }

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
          World world = new World(cluster, Versioning.NONE, days(3));
          ModelCluster.Node first = cluster.first();
          for (int i = 0; i < 20; i++) {
            world.put(first, "old/" + i, "old", TEN_DAYS);
            world.put(first, "old/new" + i, "new", Duration.ofDays(1));
            world.put(first, "other/" + i, "other", TEN_DAYS);
          }
          List<Long> expired = new ArrayList<>();
          for (ModelCluster.Node node : cluster.nodes) {
            expired.add(pass(node, world.worker(node)).expired());
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
          World world = new World(cluster, Versioning.NONE, days(3));
          ModelCluster.Node second = cluster.nodes.get(1);
          world.put(second, "old/a", "old", TEN_DAYS);
          cluster.first().powerOff();
          assertEquals(1, pass(second, world.worker(second)).expired());
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
          World world = new World(cluster, Versioning.NONE, days(3));
          for (int i = 0; i < 12; i++) {
            world.put(cluster.first(), "old/" + i, "old", TEN_DAYS);
          }
          cluster.trouble(20, 0);
          List<LifecycleWorker> workers = cluster.nodes.stream().map(world::lonely).toList();
          List<Tasks.Task> tasks = new ArrayList<>();
          for (int n = 0; n < 3; n++) {
            ModelCluster.Node node = cluster.nodes.get(n);
            LifecycleWorker worker = workers.get(n);
            tasks.add(started(node, "lifecycle", () -> pass(node, worker)));
          }
          ModelCluster.Node writer = cluster.nodes.get(1);
          tasks.add(
              started(
                  writer,
                  "writer",
                  () -> {
                    for (int i = 11; i >= 0; i -= 2) {
                      world.put(writer, "old/" + i, "new", Duration.ZERO);
                    }
                  }));
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
            World world = new World(cluster, Versioning.NONE, days(3));
            ModelCluster.Node first = cluster.first();
            for (int i = 0; i < 6; i++) {
              world.put(first, "old/" + i, "old", TEN_DAYS);
              world.put(first, "old/new" + i, "new", Duration.ZERO);
            }
            first.crashAfter(at);
            long before = 0;
            try {
              LifecycleWorker worker = world.worker(first);
              first.runs(() -> pass(first, worker));
              wasWhole[0] = true;
              before = worker.tally().expired();
              first.crashAfter(Integer.MAX_VALUE);
            } catch (ModelCluster.PowerLost e) {
              cluster.simulation.note("crashed as told");
              first.restart();
            }
            LifecycleWorker again = world.worker(first);
            pass(first, again);
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
          World world = new World(cluster, Versioning.NONE, days(3));
          ModelCluster.Node node = cluster.first();
          LifecycleWorker worker = world.worker(node);
          world.put(node, "old/a", "old", TEN_DAYS);
          pass(node, worker);
          world.put(node, "old/b", "old", TEN_DAYS);
          LifecycleWorker restarted = world.worker(node);
          pass(node, restarted);
          assertEquals(Set.of("old/b"), world.keys(node), "the day has been seen to");
          node.machine.clock().sleep(Duration.ofDays(1));
          pass(node, restarted);
          assertEquals(Set.of(), world.keys(node));
        });
  }

  @Test
  void whereVersionsAreKeptAnExpiredObjectIsHiddenAndItsVersionsGoInTheirTime() {
    ModelCluster.run(
        4,
        3,
        cluster -> {
          World world =
              new World(cluster, Versioning.ENABLED, old(4, 2, new Expiration.AfterDays(3)));
          ModelCluster.Node first = cluster.first();
          for (int i = 9; i >= 5; i--) {
            world.put(first, "a", "v" + i, Duration.ofDays(i));
          }
          world.put(first, "b", "new", Duration.ofDays(1));
          pass(first, world.worker(first));
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
          World world = new World(cluster, Versioning.SUSPENDED, days(3));
          ModelCluster.Node first = cluster.first();
          world.put(first, "old/a", "null", TEN_DAYS);
          pass(first, world.worker(first));
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
          World world =
              new World(
                  cluster, Versioning.ENABLED, old(100, null, new Expiration.OfMarkers(true)));
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node other = cluster.nodes.get(1);
          cluster.isolate(first);
          world.put(other, "a", "hidden", TEN_DAYS);
          cluster.heal();
          world.mark(first, "a", TEN_DAYS);
          world.mark(first, "b", TEN_DAYS);
          pass(first, world.worker(first));
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
          World world = new World(cluster, Versioning.ENABLED, old(1, null, null));
          ModelCluster.Node first = cluster.first();
          ModelCluster.Node other = cluster.nodes.get(1);
          world.put(first, "a", "one", TEN_DAYS);
          VersionId two = world.put(first, "a", "two", Duration.ofDays(5));
          cluster.trouble(20, 0);
          LifecycleWorker worker = world.worker(first);
          Tasks.Task task = started(first, "lifecycle", () -> pass(first, worker));
          other.machine.clock().sleep(Duration.ofMillis(cluster.simulation.random().nextInt(150)));
          World.objects(other).remove(world.target("a").key(), Set.of(two), other.deadline());
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
          World world = new World(cluster, Versioning.NONE, rule);
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
          assertEquals(2, pass(first, world.worker(first)).uploads());
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

  /** Slower by far than it may be: the least share is a quarter of the largest. */
  @Test
  void deletionsGiveWayWhereClientsOfTheNodeAreLate() {
    Duration undisturbed = passBeside(Duration.ofMillis(2), Duration.ofMillis(2));
    Duration late = passBeside(Duration.ofMillis(2), Duration.ofMillis(8));
    assertTrue(
        late.compareTo(undisturbed.multipliedBy(3)) > 0,
        late + " beside late clients, " + undisturbed);
  }

  @Test
  void readsAndWritesOfClientsAreWhatDeletionsGiveWayTo() {
    ModelCluster.run(
        10,
        1,
        cluster -> {
          World world = new World(cluster, Versioning.NONE, days(3));
          ModelCluster.Node node = cluster.first();
          Duration work = Duration.ofMillis(1);
          assertEquals(Duration.ZERO, node.pace().pause(work, Pace.Hurry.DAILY));
          world.put(node, "old/a", "old", TEN_DAYS);
          assertTrue(node.pace().pause(work, Pace.Hurry.DAILY).compareTo(work) > 0);
          node.machine.clock().sleep(Duration.ofSeconds(2));
          assertEquals(Duration.ZERO, node.pace().pause(work, Pace.Hurry.DAILY));
          world.get(node, "old/a");
          assertTrue(node.pace().pause(work, Pace.Hurry.DAILY).compareTo(work) > 0);
          node.machine.clock().sleep(Duration.ofSeconds(2));
          pass(node, world.worker(node));
          assertEquals(Duration.ZERO, node.pace().pause(work, Pace.Hurry.DAILY), "no client's");
        });
  }

  /** What deletions leave is taken away as gently as they were made. */
  @Test
  void whatWasDeletedIsCollectedWithRestsBesideClients() {
    ModelCluster.run(
        10,
        1,
        cluster -> {
          World world = new World(cluster, Versioning.NONE, days(3));
          ModelCluster.Node node = cluster.first();
          for (int i = 0; i < 600; i++) {
            world.put(node, "old/" + i, "old", TEN_DAYS);
          }
          pass(node, world.worker(node));
          Worker collector =
              node.model().workers().stream()
                  .filter(worker -> worker.name().equals("object tombstone collection"))
                  .findFirst()
                  .orElseThrow();
          node.machine.clock().sleep(Duration.ofSeconds(2));
          assertEquals(new WorkerState.Busy(), collector.step(), "nobody is there");
          node.pace().client(Pace.Work.ROW_READ, Duration.ofMillis(2), 0);
          assertTrue(collector.step() instanceof WorkerState.Throttled, "a client is there");
        });
  }

  /**
   * How long 320 deletions take beside operations that took {@code before}, and now take others.
   */
  private static Duration passBeside(Duration before, Duration meanwhile) {
    Duration[] pass = {Duration.ZERO};
    ModelCluster.run(
        10,
        1,
        cluster -> {
          World world = new World(cluster, Versioning.NONE, days(3));
          ModelCluster.Node node = cluster.first();
          Clock clock = node.machine.clock();
          for (int i = 0; i < 320; i++) {
            world.put(node, "old/" + i, "old", TEN_DAYS);
          }
          Duration[] takes = {before};
          boolean[] over = {false};
          Tasks.Task client =
              started(
                  node,
                  "client",
                  () -> {
                    while (!over[0]) {
                      clock.sleep(Duration.ofMillis(10));
                      node.pace().client(Pace.Work.ROW_READ, takes[0], 0);
                    }
                  });
          clock.sleep(Duration.ofSeconds(2));
          takes[0] = meanwhile;
          clock.sleep(Duration.ofSeconds(2));
          long begin = clock.nanos();
          assertEquals(320, pass(node, world.worker(node)).expired());
          pass[0] = Duration.ofNanos(clock.nanos() - begin);
          over[0] = true;
          client.join();
        });
    return pass[0];
  }

  private static Upload begin(World world, ModelCluster.Node node, String key) {
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
          World world = new World(cluster, Versioning.ENABLED, old(1, 3, null));
          ModelCluster.Node node = cluster.first();
          for (int i = 0; i < 1_100; i++) {
            world.put(node, "a", "v" + i, TEN_DAYS);
          }
          world.put(node, "b", "last", Duration.ZERO);
          assertEquals(1_096, pass(node, world.worker(node)).expired());
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
          World world = new World(cluster, Versioning.NONE, days(3));
          ModelCluster.Node first = cluster.first();
          world.put(first, "old/a", "old", TEN_DAYS);
          LifecycleWorker worker = world.worker(first);
          worker.step(); // the pass begins
          ModelCluster.Node other = cluster.nodes.get(1);
          other
              .model()
              .buckets()
              .configure(world.bucket, BucketSetting.LIFECYCLE, Optional.empty(), other.deadline());
          pass(first, worker);
          assertEquals(Set.of("old/a"), world.keys(first));
        });
  }
}
