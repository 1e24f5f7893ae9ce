package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.model.ModelCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Uploads that are completed, aborted and stopped at once, or whose object one replica has. */
final class UploadRacesTest {
  /** Some who complete an upload of two parts, and some who abort it. */
  private static final class Race {
    private final ModelCluster cluster;
    private final Upload upload;
    private final List<Part> parts;
    private final List<Tasks.Task> tasks = new ArrayList<>();
    private int completed;
    private int aborted;
    private boolean unknown;

    private Race(ModelCluster cluster, int lossPercent) {
      Client client = new Client(cluster.first());
      this.cluster = cluster;
      this.upload = client.begin("a");
      this.parts = List.of(client.part(upload, 1, "one"), client.part(upload, 2, "two"));
      cluster.trouble(30, lossPercent);
    }

    /** Runs a race with each of so many seeds; both sides are to win more than {@code few}. */
    static void each(int seeds, int few, int lossPercent, Consumer<Race> test) {
      int[] won = new int[2];
      for (long seed = 1; seed <= seeds; seed++) {
        ModelCluster.run(
            seed,
            3,
            cluster -> {
              Race race = new Race(cluster, lossPercent);
              test.accept(race);
              won[0] += race.completed > 0 ? 1 : 0;
              won[1] += race.aborted;
            });
      }
      assertTrue(won[0] > few && won[1] > few, won[0] + " completed, " + won[1] + " aborted");
    }

    void complete(Client client, Versioning versioning) {
      completed += client.complete(upload, parts, versioning) ? 1 : 0;
    }

    void abort(Client client) {
      aborted += client.abort(upload) ? 1 : 0;
    }

    /** Lets something happen after a while. */
    void start(Runnable what) {
      Runnable late =
          () -> {
            pause();
            what.run();
          };
      tasks.add(cluster.simulation.tasks().start("racer", late));
    }

    /** As above, where nobody may be told how it ended. */
    void attempt(Runnable what) {
      start(() -> {
        try {
          what.run();
        } catch (GarageException.QuorumNotReached | GarageException.Conflict e) {
          unknown = true;
          cluster.simulation.note("unknown: " + e.getMessage());
        }
      });
    }

    void pause() {
      cluster.simulation.clock().sleep(Duration.ofMillis(cluster.simulation.random().nextInt(250)));
    }

    /** Waits for all of it, and for what is done in the background then. */
    void end() {
      tasks.forEach(Tasks.Task::join);
      assertTrue(completed == 0 || aborted == 0, "completed and aborted");
      cluster.heal();
      cluster.settle();
    }
  }

  @Test
  void whoeverWinsNoObjectIsWithoutItsParts() {
    Race.each(
        120,
        10,
        0,
        race -> {
          for (Client client : Client.ofAll(race.cluster)) {
            race.attempt(() -> race.complete(client, Versioning.NONE));
          }
          race.start(() -> race.abort(new Client(race.cluster.last())));
          race.end();
          Optional<String> read = new Client(race.cluster.nodes.get(1)).get("a");
          if (read.isPresent() || !race.unknown) {
            boolean written = race.completed > 0 || race.unknown;
            assertEquals(written ? Optional.of("onetwo") : Optional.empty(), read);
          }
          assertTrue(read.isEmpty() || race.aborted == 0, "aborted, and there");
          if (read.isPresent() || race.aborted > 0) { // else nobody was told how it ended
            assertEquals(read.isPresent() ? 2 : 0, race.cluster.blocks.count());
          }
        });
  }

  /**
   * One of two who complete it is held up after it has seen the upload open, until the other has
   * been refused and the upload is open again.
   */
  @Test
  void anObjectHasItsPartsThoughAnEarlierCompletionWasBegunAfterwards() {
    int completed = 0;
    for (long seed = 1; seed <= 60; seed++) {
      AtomicBoolean written = new AtomicBoolean();
      ModelCluster.run(
          seed,
          3,
          cluster -> {
            Client client = new Client(cluster.first());
            Upload upload = client.begin("a");
            List<Part> parts = List.of(client.part(upload, 1, "one"));
            Client late = new Client(cluster.last());
            Tasks.Task completion =
                cluster
                    .simulation
                    .tasks()
                    .start("late", () -> written.set(late.complete(upload, parts)));
            int begun = cluster.simulation.random().nextInt(20);
            cluster.simulation.clock().sleep(Duration.ofMillis(begun));
            cluster.isolate(cluster.last());
            client.refused(client.started(upload, parts));
            cluster.heal();
            completion.join();
            cluster.settle();
            Optional<String> object = written.get() ? Optional.of("one") : Optional.empty();
            Client.ofAll(cluster).forEach(reader -> assertEquals(object, reader.get("a")));
          });
      completed += written.get() ? 1 : 0;
    }
    assertTrue(completed > 10 && completed < 60, completed + " completed");
  }

  /** Where versions are kept, others overwrite it, and calls are lost. */
  @Test
  void whoeverWinsNoVersionIsWithoutItsParts() {
    Race.each(
        30,
        5,
        3,
        race -> {
          for (Client client : Client.ofAll(race.cluster)) {
            race.attempt(() -> race.complete(client, Versioning.ENABLED));
            race.attempt(() -> client.put("a", Versioning.ENABLED, "other"));
          }
          race.attempt(() -> {
            race.pause();
            race.abort(new Client(race.cluster.first()));
          });
          race.end();
          for (Client client : Client.ofAll(race.cluster)) {
            boolean listed = false;
            for (VersionScan.Listed version : client.versions("a")) {
              boolean its = client.get("a", version.id()).equals(Optional.of("onetwo"));
              assertTrue(its || client.get("a", version.id()).equals(Optional.of("other")));
              listed |= its;
            }
            assertTrue(race.completed == 0 || listed, "completed, and not there");
            assertTrue(race.aborted == 0 || !listed, "aborted, and there");
          }
          int blocks = race.cluster.blocks.count();
          assertTrue(race.aborted == 0 || blocks == 0, "aborted, and its data is there");
        });
  }

  /** A completion whose object one replica alone has taken, and the upload of one part. */
  private record Cut(Upload upload, List<Part> parts, Uploads.Start.Go go) {
    static Cut of(LoneReplica lone) {
      lone.other().put("a", Versioning.ENABLED, "zero");
      Client client = lone.client();
      Upload upload = client.begin("a");
      List<Part> parts = List.of(client.part(upload, 1, "one"));
      Uploads.Start.Go go = client.started(upload, parts);
      assertThrows(
          GarageException.QuorumNotReached.class,
          () -> client.write(go, parts, Versioning.ENABLED, lone::cutOff));
      return new Cut(upload, parts, go);
    }
  }

  /** That replica takes the next version, too: it must not keep the other, whose parts are gone. */
  @Test
  void theObjectOfAnAbortedCompletionIsNoOldVersion() {
    LoneReplica.each(lone -> {
      Cut cut = Cut.of(lone);
      assertTrue(lone.other().abort(cut.upload()));
      lone.heal();
      lone.other().put("a", Versioning.ENABLED, "two");
      assertAllRead(lone.cluster(), List.of("a*two", "a zero"));
      assertEquals(0, lone.cluster().blocks.count());
    });
  }

  /** As above: its parts are those of the completion that was tried again. */
  @Test
  void theObjectOfARefusedCompletionIsNoOldVersion() {
    LoneReplica.each(lone -> {
      Cut cut = Cut.of(lone);
      Client client = lone.other();
      assertEquals(Uploads.Refusal.CONDITION, client.refused(cut.go()));
      lone.heal();
      client.put("a", Versioning.ENABLED, "two");
      Uploads.Start.Go again = client.started(cut.upload(), cut.parts());
      assertEquals(
          Uploads.Refusal.WRITTEN_BEFORE, client.publish(again, cut.parts(), Versioning.ENABLED));
      assertAllRead(lone.cluster(), List.of("a*tag", "a two", "a zero"));
      assertEquals(1, lone.cluster().blocks.count());
    });
  }

  /** The one that holds it alone comes back while it is being found out what it has. */
  @Test
  void whatIsFoundOfAStoppedCompletionIsWhatBecomesOfIt() {
    for (int millis = 0; millis < 80; millis++) {
      int after = millis;
      ModelCluster.run(
          11,
          3,
          cluster -> {
            LoneReplica lone = new LoneReplica(cluster, after % 3);
            Cut cut = Cut.of(lone);
            Runnable back =
                () -> {
                  cluster.simulation.clock().sleep(Duration.ofMillis(after));
                  cluster.heal();
                };
            Tasks.Task healing = cluster.simulation.tasks().start("back", back);
            Client client = new Client(lone.next(1 + after / 3 % 2));
            Uploads.Refusal found = client.refused(cut.go());
            healing.join();
            client.objects().fence(Client.key("a"), client.deadline()); // all hear what is present
            client.put("a", Versioning.ENABLED, "two");
            boolean written = found == Uploads.Refusal.WRITTEN_BEFORE;
            assertAllRead(
                cluster,
                written ? List.of("a*two", "a tag", "a zero") : List.of("a*two", "a zero"));
          });
    }
  }

  /** In the end, every node lists these versions, and reads each to its end. */
  private static void assertAllRead(ModelCluster cluster, List<String> history) {
    cluster.settle();
    for (Client reader : Client.ofAll(cluster)) {
      assertEquals(history, reader.history("a"));
      for (VersionScan.Listed version : reader.versions("a")) {
        assertTrue(reader.get("a", version.id()).isPresent());
      }
    }
  }
}
