package garage.model.lifecycle;

import garage.common.id.NodeId;
import garage.common.worker.WorkerState;
import garage.model.ModelCluster;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import garage.model.counter.BucketCounters;
import garage.model.lifecycle.LifecycleRule.Expiration;
import garage.model.object.Annotations;
import garage.model.object.Content;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.VersionId;
import garage.model.object.VersionScan;
import garage.model.object.Versioning;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A cluster with a bucket whose rules delete what is old. */
final class LifecycleWorld {
  static final Duration TEN_DAYS = Duration.ofDays(10);

  /** Steps of a pass over what these tests have, with much to spare. */
  private static final int STEPS_MAX = 2_000;

  private final ModelCluster cluster;
  private final Bucket bucket;
  private final Versioning versioning;

  LifecycleWorld(ModelCluster cluster, Versioning versioning, LifecycleRule... rules) {
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

  /** Of a bucket whose objects below {@code old/} expire after three days. */
  static LifecycleWorld plain(ModelCluster cluster) {
    return new LifecycleWorld(cluster, Versioning.NONE, days(3));
  }

  static LifecycleRule days(int days) {
    return LifecycleTest.expiring(
        "r", LifecycleTest.prefix("old/"), new Expiration.AfterDays(days));
  }

  Bucket bucket() {
    return bucket;
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

  /** Puts an object that is ten days old, and says so. */
  void putOld(ModelCluster.Node node, String key) {
    put(node, key, "old", TEN_DAYS);
  }

  /** Puts old objects: {@code old/0}, {@code old/1} and so on. */
  void putOld(ModelCluster.Node node, int count) {
    for (int i = 0; i < count; i++) {
      putOld(node, "old/" + i);
    }
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
        String what = listed.version() instanceof ObjectVersion.Stored stored ? stored.etag() : "-";
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

  /** Lets a new worker of a node do one pass. */
  LifecycleState.Tally pass(ModelCluster.Node node) {
    return pass(node, worker(node));
  }

  /** Lets a worker do one pass. */
  static LifecycleState.Tally pass(ModelCluster.Node node, LifecycleWorker worker) {
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
}
