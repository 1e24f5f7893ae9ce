package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.model.ModelCluster;
import garage.model.bucket.Bucket;
import garage.model.bucket.Buckets;
import garage.table.register.Doors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Buckets deleted while objects are written to them and uploads completed: what was acknowledged is
 * never gone with its bucket, whoever loses its power on the way, and a bucket that stands takes
 * objects again.
 */
final class BucketDeletionTest {
  private static final int WRITERS = 3;
  private static final int SEEDS = 60;

  /** How the races of all seeds ended. */
  private static final class Tally {
    int gone;
    int stands;
    int acknowledged;
    int refused;

    @Override
    public String toString() {
      return "%d gone, %d stand, %d writes acknowledged, %d refused"
          .formatted(gone, stands, acknowledged, refused);
    }
  }

  @Test
  void nothingAcknowledgedIsLostWithItsBucket() {
    Tally tally = new Tally();
    long first = Long.getLong("seed", 1);
    for (long seed = first; seed < first + Integer.getInteger("seeds", SEEDS); seed++) {
      long replayed = seed;
      ModelCluster.run(seed, 3, cluster -> new Race(cluster, replayed, tally).run());
    }
    assertTrue(tally.gone > 10 && tally.stands > 10, "deletions win and lose: " + tally);
    assertTrue(tally.acknowledged > 30 && tally.refused > 10, "so do writers: " + tally);
  }

  private static final class Race {
    private final ModelCluster cluster;
    private final long seed;
    private final Tally tally;
    private final List<String> acknowledged = new ArrayList<>();
    private final Bucket bucket;

    Race(ModelCluster cluster, long seed, Tally tally) {
      this.cluster = cluster;
      this.seed = seed;
      this.tally = tally;
      ModelCluster.Node node = cluster.first();
      Buckets.Creation made =
          node.does(() -> node.model().buckets().create("contested", null, node.deadline()));
      this.bucket = assertInstanceOf(Buckets.Creation.Created.class, made).bucket();
    }

    void run() {
      cluster.trouble(8, seed % 3 == 0 ? 3 : 0);
      List<Tasks.Task> tasks = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        ModelCluster.Node node = cluster.nodes.get(w);
        String key = "object " + w;
        boolean multipart = (seed + w) % 4 == 0;
        tasks.add(node.machine.tasks().start("writer", () -> write(node, key, multipart)));
      }
      ModelCluster.Node deleter = cluster.nodes.get((int) (seed % 3));
      if (seed % 5 == 0) {
        deleter.crashAfter(cluster.simulation.random().nextInt(12));
      }
      tasks.add(deleter.machine.tasks().start("deleter", () -> delete(deleter)));
      tasks.forEach(Tasks.Task::join);
      cluster.heal();
      cluster.nodes.stream()
          .filter(n -> !n.machine.isRunning())
          .forEach(ModelCluster.Node::restart);
      boolean gone = settled();
      check(gone);
    }

    /** Lets the keepers of the doors find out how it ended; answers whether the bucket is gone. */
    private boolean settled() {
      for (int i = 0; i < 3; i++) {
        cluster.nodes.forEach(ModelCluster.Node::work);
        cluster.simulation.clock().sleep(Duration.ofSeconds(12));
      }
      for (ModelCluster.Node each : cluster.nodes) {
        List<String> trouble =
            each.model().workers().stream().flatMap(w -> w.details().stream()).toList();
        for (Doors.Closed closed : each.model().objects().doors().doors().closed()) {
          assertTrue(closed.door().gone(), () -> "seed " + seed + " " + closed + trouble);
        }
      }
      ModelCluster.Node node = cluster.nodes.getLast();
      return node.does(() -> node.model().buckets().get(bucket.id(), node.deadline())).isEmpty();
    }

    private void check(boolean gone) {
      ModelCluster.Node node = cluster.first();
      if (gone) {
        tally.gone++;
        assertEquals(List.of(), acknowledged, "seed " + seed + ": lost with their bucket");
        assertThrows(GarageException.class, () -> node.does(() -> put(node, "after")));
        return;
      }
      tally.stands++;
      for (String key : acknowledged) {
        var found =
            node.does(() -> node.model().objects().objects().get(key(key), node.deadline()));
        assertTrue(found.isPresent(), "seed " + seed + " lost " + key);
      }
      assertTrue(node.does(() -> put(node, "after")), "seed " + seed + ": the door is open again");
    }

    private ObjectKey key(String key) {
      return new ObjectKey(bucket.id(), key);
    }

    private void write(ModelCluster.Node node, String key, boolean multipart) {
      pause(250);
      try {
        if (node.model().buckets().get(bucket.id()).isEmpty()) {
          return;
        }
        boolean done = multipart ? complete(node, key) : put(node, key);
        if (done) {
          acknowledged.add(key);
          tally.acknowledged++;
        }
      } catch (GarageException e) {
        tally.refused++;
      }
    }

    private boolean put(ModelCluster.Node node, String key) {
      node.model()
          .objects()
          .objects()
          .put(key(key), Client.inline(key), Client.bytes(key), node.deadline());
      return true;
    }

    private boolean complete(ModelCluster.Node node, String key) {
      Uploads uploads = node.model().objects().uploads();
      Upload upload =
          uploads.create(
              new Uploads.Begin(key(key), "GK1", List.of(), Annotations.of("GK1"), null, null),
              node.deadline());
      Timestamp at = uploads.now();
      Part part = new Part(upload.id(), 1, at, someData(), 1, "part", null, Timestamp.ZERO, false);
      uploads.addPart(upload.object(), part, node.deadline());
      Uploads.Start start =
          uploads.start(upload.object(), upload.id(), List.of(part), node.deadline());
      if (!(start instanceof Uploads.Start.Go go)) {
        return false;
      }
      Content content =
          new Content.Parts(
              upload.id(), go.completion(), List.of(new Content.PartRun(1, 1, part.size())));
      Objects.Outcome outcome =
          node.model()
              .objects()
              .objects()
              .putIf(
                  Objects.Target.plain(key(key)),
                  _ -> true,
                  id -> uploads.mayPublish(upload, go.completion(), id, node.deadline()),
                  Client.object(content, 1, "tag"),
                  node.deadline());
      return outcome instanceof Objects.Outcome.Done;
    }

    private Uuid someData() {
      return Uuid.of(cluster.simulation.random().bytes(32));
    }

    private void delete(ModelCluster.Node node) {
      pause(100);
      try {
        node.model().buckets().delete(bucket, _ -> isEmpty(node), node.deadline());
      } catch (GarageException e) {
        cluster.simulation.note("not deleted: " + e.getMessage());
      }
    }

    /** As the front end looks. */
    private boolean isEmpty(ModelCluster.Node node) {
      Deadline deadline = node.deadline();
      try (Objects.Cursor cursor =
          node.model().objects().objects().list(bucket.id(), Objects.Span.ANY, deadline)) {
        if (cursor.next() != null) {
          return false;
        }
      }
      Uploads uploads = node.model().objects().uploads();
      try (Uploads.Cursor cursor = uploads.list(bucket.id(), deadline)) {
        for (Upload u = cursor.next(); u != null; u = cursor.next()) {
          if (!uploads.abort(u.object(), u.id(), deadline)) {
            return false;
          }
        }
      }
      return true;
    }

    private void pause(int millisMax) {
      cluster
          .simulation
          .clock()
          .sleep(Duration.ofMillis(cluster.simulation.random().nextInt(millisMax)));
    }
  }
}
