package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.model.ModelCluster;
import garage.testkit.property.CrdtLaws;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is given back, when, and what is not. */
final class ReleaseTest {
  @Test
  void anOverwrittenObjectIsReadableForAsLongAsItsReadersAreAllowed() {
    ModelCluster.run(
        1,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          client.putBlocks("a", "old");
          client.put("a", "new");
          cluster.first().work();
          assertEquals(1, cluster.blocks.count(), "a download may be under way");
          cluster.simulation.clock().sleep(ObjectTables.Settings.READERS_MAX.plusSeconds(1));
          cluster.first().work();
          assertEquals(0, cluster.blocks.count());
        });
  }

  /**
   * A replica that accepts a write drops the version before it, also if that write never takes
   * effect: then the version is present still, and its data must stay.
   */
  @Test
  void whatAReplicaDroppedForAWriteThatFailedIsKept() {
    for (long seed = 1; seed <= 40; seed++) {
      ModelCluster.run(
          seed,
          3,
          cluster -> {
            ModelCluster.Node alone = cluster.nodes.getLast();
            Client client = new Client(cluster.first());
            client.putBlocks("a", "kept");
            cluster.isolate(alone);
            Client cutOff = new Client(alone);
            assertThrows(
                GarageException.QuorumNotReached.class,
                () -> cutOff.delete("a")); // it has deleted it for itself
            alone.powerOff(); // with the request
            alone.restart();
            client.putBlocks("b", "other");
            cluster.simulation.clock().sleep(Duration.ofMinutes(11));
            cluster.heal();
            cluster.nodes.forEach(ModelCluster.Node::work);
            for (ModelCluster.Node node : cluster.nodes) {
              Optional<String> read = new Client(node).get("a"); // which settles what it finds
              read.ifPresent(text -> assertEquals("kept", text));
            }
            assertEquals(Optional.of("other"), client.get("b"));
          });
    }
  }

  /** A write that reached one replica before its node died is never seen with its data gone. */
  @Test
  void whatADeadRequestLeftOnOneReplicaIsWholeOrNeverSeen() {
    for (long seed = 1; seed <= 40; seed++) {
      for (int at = 2; at < 8; at++) {
        crashed(seed, at);
      }
    }
  }

  private static void crashed(long seed, int at) {
    ModelCluster.run(
        seed,
        3,
        cluster -> {
          ModelCluster.Node writer = cluster.first();
          new Client(cluster.nodes.getLast()).put("a", "before");
          cluster.trouble(20, 30);
          writer.crashAfter(at);
          try {
            writer.runs(() -> new Client(writer).putBlocks("a", "half written"));
            return; // answered: other tests
          } catch (ModelCluster.PowerLost | GarageException e) {
            cluster.simulation.note("not answered");
          }
          if (writer.machine.isRunning()) {
            writer.powerOff();
          }
          cluster.heal();
          writer.restart();
          writer.work();
          cluster.simulation.clock().sleep(Duration.ofMinutes(11));
          for (int round = 0; round < 3; round++) {
            cluster.nodes.forEach(ModelCluster.Node::work);
            for (ModelCluster.Node node : cluster.nodes) {
              String read = new Client(node).get("a").orElse("");
              assertEquals(true, read.equals("before") || read.equals("halfwritten"), read);
            }
          }
        });
  }

  @Test
  void aQueueGivesWhatIsDueInOrderAndForgetsWhatIsDone() {
    ModelCluster.run(
        3,
        1,
        cluster -> {
          var store = cluster.first().store();
          var clock = cluster.first().machine.clock();
          ReleaseQueue queue = new ReleaseQueue(store, clock, Duration.ofMinutes(1));
          Batch batch = new Batch();
          queue.add(batch, Client.key("a"), VersionId.NULL, new Content.Blocks(uuid("late")));
          queue.add(batch, Client.key("a"), VersionId.NULL, new Content.Inline());
          queue.add(batch, ReleaseQueue.Entry.Data.unreferenced(uuid("now")));
          store.commit(batch);
          var now = queue.due(10);
          assertEquals(
              List.of(ReleaseQueue.Entry.Data.unreferenced(uuid("now"))),
              now.stream().map(ReleaseQueue.Queued::entry).toList());
          Batch done = new Batch();
          queue.done(done, now.getFirst());
          store.commit(done);
          assertEquals(List.of(), queue.due(10));
          clock.sleep(Duration.ofMinutes(2));
          assertEquals(
              List.of(new ReleaseQueue.Entry.Data(uuid("late"), Client.key("a"), VersionId.NULL)),
              queue.due(10).stream().map(ReleaseQueue.Queued::entry).toList());
        });
  }

  @Test
  void partsMergeByTheLaws() {
    ModelCluster.run(
        4,
        1,
        cluster -> {
          ModelCluster.Node node = cluster.first();
          Part.Schema schema =
              new Part.Schema(
                  new ReleaseQueue(node.store(), node.machine.clock(), Duration.ofMinutes(1)));
          checkLaws(schema);
        });
  }

  private static void checkLaws(Part.Schema schema) {
    CrdtLaws.check(
        "part",
        300,
        g -> {
          Part part =
              new Part(
                  uuid("upload"),
                  1,
                  Timestamp.ZERO,
                  uuid("data"),
                  5,
                  "tag",
                  null,
                  Timestamp.ZERO,
                  g.bool());
          return g.bool() ? part : part.asChosenBy(g.timestamp());
        },
        schema::merge);
  }

  private static Uuid uuid(String text) {
    return new Uuid(Digests.sha256(text.getBytes(StandardCharsets.UTF_8)).value());
  }
}
