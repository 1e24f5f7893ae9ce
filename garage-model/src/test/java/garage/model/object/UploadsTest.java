package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.model.ModelCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Multipart uploads: what completing, aborting and dying on the way do to each other. */
final class UploadsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aCompletedUploadIsItsChosenPartsInOrder(int nodes) {
    ModelCluster.run(
        1,
        nodes,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          Part second = client.part(upload, 2, "second part");
          client.part(upload, 1, "not chosen");
          Part first = client.part(upload, 1, "first part");
          assertTrue(client.complete(upload, List.of(first, second)));
          assertEquals(Optional.of("firstpartsecondpart"), client.get("a"));
          settle(cluster);
          assertEquals(3, cluster.blocks.count(), "first, second and part");
          assertEquals(Optional.of("firstpartsecondpart"), client.get("a"));
        });
  }

  @Test
  void aRepeatedCompletionIsAnsweredTheSameAndAnotherIsNot() {
    ModelCluster.run(
        2,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          Part one = client.part(upload, 1, "one");
          Part two = client.part(upload, 2, "two");
          assertTrue(client.complete(upload, List.of(one, two)));
          assertInstanceOf(Uploads.Start.Before.class, client.start(upload, List.of(one, two)));
          assertInstanceOf(Uploads.Start.NoSuchUpload.class, client.start(upload, List.of(one)));
          assertFalse(client.abort(upload));
        });
  }

  @Test
  void whileOneSelectionIsCompletedAnotherMustWait() {
    ModelCluster.run(
        3,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          Part one = client.part(upload, 1, "one");
          Part two = client.part(upload, 2, "two");
          var go = assertInstanceOf(Uploads.Start.Go.class, client.start(upload, List.of(one)));
          assertInstanceOf(Uploads.Start.Busy.class, client.start(upload, List.of(one, two)));
          var again = assertInstanceOf(Uploads.Start.Go.class, client.start(upload, List.of(one)));
          assertEquals(go.completion(), again.completion());
        });
  }

  @Test
  void aRefusedCompletionLeavesTheUploadOpen() {
    ModelCluster.run(
        4,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          Part one = client.part(upload, 1, "one");
          var go = assertInstanceOf(Uploads.Start.Go.class, client.start(upload, List.of(one)));
          assertEquals(
              Uploads.Refusal.CONDITION,
              client.uploads().refused(go.upload(), go.completion(), client.deadline()));
          Part two = client.part(upload, 2, "two");
          assertTrue(client.complete(upload, List.of(one, two)));
          assertEquals(Optional.of("onetwo"), client.get("a"));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void anAbortedUploadIsGoneWithItsParts(int nodes) {
    ModelCluster.run(
        5,
        nodes,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          Part one = client.part(upload, 1, "one");
          assertTrue(client.abort(upload));
          assertFalse(client.abort(upload));
          assertInstanceOf(Uploads.Start.NoSuchUpload.class, client.start(upload, List.of(one)));
          assertThrows(GarageException.Missing.class, () -> client.part(upload, 2, "late"));
          settle(cluster);
          assertEquals(0, cluster.blocks.count());
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aCompletionThatDiedCanBeAbortedAtOnce(int nodes) {
    ModelCluster.run(
        6,
        nodes,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          Part one = client.part(upload, 1, "one");
          assertInstanceOf(Uploads.Start.Go.class, client.start(upload, List.of(one)));
          assertTrue(client.abort(upload));
          settle(cluster);
          assertEquals(0, cluster.blocks.count());
        });
  }

  @Test
  void anAbortFindsThatTheObjectWasWritten() {
    ModelCluster.run(
        7,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          Part one = client.part(upload, 1, "one");
          var go = assertInstanceOf(Uploads.Start.Go.class, client.start(upload, List.of(one)));
          Content content =
              new Content.Parts(
                  upload.id(), go.completion(), List.of(new Content.PartRun(1, 1, one.size())));
          client
              .objects()
              .put(
                  upload.object(),
                  Client.object(content, one.size(), "tag"),
                  Client.bytes(""),
                  client.deadline()); // and then its server died
          assertEquals(List.of("a"), inProgress(client), "nobody has looked yet");
          assertFalse(client.abort(upload));
          assertEquals(List.of(), inProgress(client));
          settle(cluster);
          assertEquals(Optional.of("one"), client.get("a"));
          var before =
              assertInstanceOf(Uploads.Start.Before.class, client.start(upload, List.of(one)));
          assertEquals("tag", before.etag());
        });
  }

  @Test
  void aCompletionThatWasThoughtDeadCannotWriteAnyMore() {
    ModelCluster.run(
        8,
        3,
        cluster -> {
          Client dead = new Client(cluster.first());
          Client other = new Client(cluster.nodes.getLast());
          Upload upload = dead.begin("a");
          List<Part> parts = List.of(dead.part(upload, 1, "one"));
          var go = assertInstanceOf(Uploads.Start.Go.class, dead.start(upload, parts));
          assertTrue(other.abort(upload));
          assertEquals(Uploads.Refusal.STOPPED, dead.publish(go, parts));
          assertEquals(Optional.empty(), other.get("a"));
          settle(cluster);
          assertEquals(0, cluster.blocks.count());
        });
  }

  /**
   * One replica alone has taken the object of a completion that was stopped then, and takes the
   * next version: it must not list the other as an old one, whose parts are another's or are gone.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theObjectOfAStoppedCompletionIsNoOldVersion(boolean aborted) {
    for (int alone = 0; alone < 3; alone++) {
      int which = alone;
      ModelCluster.run(
          10,
          3,
          cluster -> {
            ModelCluster.Node node = cluster.nodes.get(which);
            Client cut = new Client(node);
            Client client = new Client(cluster.nodes.get((which + 1) % 3));
            client.put("a", Versioning.ENABLED, "zero");
            Upload upload = cut.begin("a");
            List<Part> parts = List.of(cut.part(upload, 1, "one"));
            var go = assertInstanceOf(Uploads.Start.Go.class, cut.start(upload, parts));
            assertThrows(
                GarageException.QuorumNotReached.class,
                () -> cut.write(go, parts, Versioning.ENABLED, () -> cluster.isolate(node)));
            if (aborted) {
              assertTrue(client.abort(upload));
            } else {
              assertEquals(
                  Uploads.Refusal.CONDITION,
                  client.uploads().refused(go.upload(), go.completion(), client.deadline()));
            }
            cluster.heal();
            client.put("a", Versioning.ENABLED, "two");
            List<String> expected = new ArrayList<>(List.of("a*two", "a zero"));
            if (!aborted) {
              var again = assertInstanceOf(Uploads.Start.Go.class, client.start(upload, parts));
              assertEquals(
                  Uploads.Refusal.WRITTEN_BEFORE, client.publish(again, parts, Versioning.ENABLED));
              expected = List.of("a*tag", "a two", "a zero");
            }
            settle(cluster);
            for (ModelCluster.Node reader : cluster.nodes) {
              Client reading = new Client(reader);
              assertEquals(expected, reading.history("a"));
              for (VersionScan.Listed version : reading.versions("a")) {
                assertTrue(reading.get("a", version.id()).isPresent());
              }
            }
            assertEquals(aborted ? 0 : 1, cluster.blocks.count());
          });
    }
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
            ModelCluster.Node node = cluster.nodes.get(after % 3);
            Client cut = new Client(node);
            Client client = new Client(cluster.nodes.get((after + 1 + after / 3 % 2) % 3));
            client.put("a", Versioning.ENABLED, "zero");
            Upload upload = cut.begin("a");
            List<Part> parts = List.of(cut.part(upload, 1, "one"));
            var go = assertInstanceOf(Uploads.Start.Go.class, cut.start(upload, parts));
            assertThrows(
                GarageException.QuorumNotReached.class,
                () -> cut.write(go, parts, Versioning.ENABLED, () -> cluster.isolate(node)));
            Tasks.Task back =
                attempt(
                    cluster,
                    () -> {
                      cluster.simulation.clock().sleep(Duration.ofMillis(after));
                      cluster.heal();
                    });
            Uploads.Refusal found =
                client.uploads().refused(go.upload(), go.completion(), client.deadline());
            back.join();
            client.objects().fence(Client.key("a"), client.deadline()); // all hear what is present
            client.put("a", Versioning.ENABLED, "two");
            settle(cluster);
            List<String> history =
                found == Uploads.Refusal.WRITTEN_BEFORE
                    ? List.of("a*two", "a tag", "a zero")
                    : List.of("a*two", "a zero");
            for (ModelCluster.Node reader : cluster.nodes) {
              assertEquals(history, new Client(reader).history("a"));
            }
          });
    }
  }

  /** Completions, aborts and an overwriting PUT at once: what is there can be read to its end. */
  @Test
  void whoeverWinsNoObjectIsWithoutItsParts() {
    int completed = 0;
    int aborted = 0;
    for (long seed = 1; seed <= 120; seed++) {
      int[] won = new int[2];
      ModelCluster.run(seed, 3, cluster -> race(cluster, won));
      completed += won[0];
      aborted += won[1];
    }
    assertTrue(completed > 10 && aborted > 10, completed + " completed, " + aborted + " aborted");
  }

  private static void race(ModelCluster cluster, int[] won) {
    Client first = new Client(cluster.first());
    Upload upload = first.begin("a");
    List<Part> parts = List.of(first.part(upload, 1, "one"), first.part(upload, 2, "two"));
    cluster.trouble(30, 0);
    int[] yes = new int[2];
    boolean[] unknown = {false};
    List<Tasks.Task> tasks = new ArrayList<>();
    for (ModelCluster.Node node : cluster.nodes) {
      Client client = new Client(node);
      tasks.add(
          cluster
              .simulation
              .tasks()
              .start(
                  "complete",
                  () -> {
                    pause(cluster);
                    try {
                      yes[0] += client.complete(upload, parts) ? 1 : 0;
                    } catch (GarageException.QuorumNotReached e) {
                      unknown[0] = true;
                    }
                  }));
    }
    tasks.add(
        cluster
            .simulation
            .tasks()
            .start(
                "abort",
                () -> {
                  pause(cluster);
                  yes[1] += new Client(cluster.nodes.getLast()).abort(upload) ? 1 : 0;
                }));
    tasks.forEach(Tasks.Task::join);
    won[0] = yes[0] > 0 ? 1 : 0;
    won[1] = yes[1];
    assertTrue(yes[0] == 0 || yes[1] == 0, "completed and aborted");
    settle(cluster);
    Optional<String> read = new Client(cluster.nodes.get(1)).get("a");
    if (read.isPresent() || !unknown[0]) {
      assertEquals(yes[0] > 0 || unknown[0] ? Optional.of("onetwo") : Optional.empty(), read);
    }
    assertTrue(read.isEmpty() || yes[1] == 0, "aborted, and there");
    if (read.isPresent() || yes[1] > 0) { // else nobody was told how it ended
      assertEquals(read.isPresent() ? 2 : 0, cluster.blocks.count());
    }
  }

  /** As above where versions are kept, and calls are lost. */
  @Test
  void whoeverWinsNoVersionIsWithoutItsParts() {
    int completed = 0;
    int aborted = 0;
    for (long seed = 1; seed <= 30; seed++) {
      int[] won = new int[2];
      ModelCluster.run(seed, 3, cluster -> raceOfVersions(cluster, won));
      completed += won[0] > 0 ? 1 : 0;
      aborted += won[1];
    }
    assertTrue(completed > 5 && aborted > 5, completed + " completed, " + aborted + " aborted");
  }

  private static void raceOfVersions(ModelCluster cluster, int[] won) {
    Client first = new Client(cluster.first());
    Upload upload = first.begin("a");
    List<Part> parts = List.of(first.part(upload, 1, "one"), first.part(upload, 2, "two"));
    cluster.trouble(30, 3);
    List<Tasks.Task> tasks = new ArrayList<>();
    for (ModelCluster.Node node : cluster.nodes) {
      Client client = new Client(node);
      tasks.add(
          attempt(
              cluster,
              () -> {
                pause(cluster);
                won[0] += client.complete(upload, parts, Versioning.ENABLED) ? 1 : 0;
              }));
      tasks.add(
          attempt(
              cluster,
              () -> {
                pause(cluster);
                client.put("a", Versioning.ENABLED, "other");
              }));
    }
    tasks.add(
        attempt(
            cluster,
            () -> {
              pause(cluster);
              pause(cluster);
              won[1] += first.abort(upload) ? 1 : 0;
            }));
    tasks.forEach(Tasks.Task::join);
    assertTrue(won[0] == 0 || won[1] == 0, "completed and aborted");
    cluster.heal();
    settle(cluster);
    for (ModelCluster.Node node : cluster.nodes) {
      Client client = new Client(node);
      boolean listed = false;
      for (VersionScan.Listed version : client.versions("a")) {
        boolean its = client.get("a", version.id()).equals(Optional.of("onetwo"));
        assertTrue(its || client.get("a", version.id()).equals(Optional.of("other")));
        listed |= its;
      }
      assertTrue(won[0] == 0 || listed, "completed, and not there");
      assertTrue(won[1] == 0 || !listed, "aborted, and there");
      assertTrue(won[1] == 0 || cluster.blocks.count() == 0, "aborted, and its data is there");
    }
  }

  private static Tasks.Task attempt(ModelCluster cluster, Runnable what) {
    return cluster
        .simulation
        .tasks()
        .start(
            "attempt",
            () -> {
              try {
                what.run();
              } catch (GarageException.QuorumNotReached | GarageException.Conflict e) {
                cluster.simulation.note("unknown: " + e.getMessage());
              }
            });
  }

  private static void pause(ModelCluster cluster) {
    cluster.simulation.clock().sleep(Duration.ofMillis(cluster.simulation.random().nextInt(250)));
  }

  @Test
  void theCleanerForgetsWhatIsLongOver() {
    ModelCluster.run(
        9,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload done = client.begin("done");
          Part part = client.part(done, 1, "part");
          assertTrue(client.complete(done, List.of(part)));
          Upload open = client.begin("open");
          client.part(open, 1, "open");
          settle(cluster);
          assertInstanceOf(Uploads.Start.Before.class, client.start(done, List.of(part)));
          cluster.simulation.clock().sleep(UploadCleaner.KEPT.plusHours(1));
          settle(cluster);
          assertInstanceOf(Uploads.Start.NoSuchUpload.class, client.start(done, List.of(part)));
          assertEquals(List.of("open"), inProgress(client));
          assertEquals(Optional.of("part"), client.get("done"));
          assertEquals(2, cluster.blocks.count(), "of the object and of the open upload");
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void anUploadWhoseCompletionDiedTakesPartsAgainHoweverLongAgoThatWas(int nodes) {
    ModelCluster.run(
        11,
        nodes,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          Part one = client.part(upload, 1, "one");
          var go = assertInstanceOf(Uploads.Start.Go.class, client.start(upload, List.of(one)));
          cluster.simulation.clock().sleep(Duration.ofDays(3));
          settle(cluster);
          assertEquals(List.of("a"), inProgress(client), "nobody has asked to abort it");
          assertEquals(Uploads.Refusal.TAKEN_OVER, client.publish(go, List.of(one)), "too late");
          assertEquals(Optional.empty(), client.get("a"));
          Part two = client.part(upload, 2, "two");
          assertTrue(client.complete(upload, List.of(one, two)));
          settle(cluster);
          assertEquals(Optional.of("onetwo"), client.get("a"));
        });
  }

  /** Somebody was refused for a condition, and died before the upload took parts again. */
  @Test
  void anUploadThatWasBeingStoppedByWhoDiedTakesPartsAgain() {
    ModelCluster.run(
        12,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          ModelCluster.Node dying = cluster.nodes.getLast();
          Client refused = new Client(dying);
          Upload upload = client.begin("a");
          Part one = client.part(upload, 1, "one");
          var go = assertInstanceOf(Uploads.Start.Go.class, refused.start(upload, List.of(one)));
          dying
              .machine
              .tasks()
              .start(
                  "refused",
                  () -> refused.uploads().refused(go.upload(), go.completion(), dying.deadline()));
          while (!(state(client, upload) instanceof Upload.State.Stopping)) {
            cluster.simulation.clock().sleep(Duration.ofMillis(1));
          }
          dying.powerOff();
          dying.restart();
          assertInstanceOf(Upload.State.Stopping.class, state(client, upload));
          cluster.simulation.clock().sleep(Duration.ofHours(1));
          settle(cluster);
          assertInstanceOf(Upload.State.Open.class, state(client, upload));
          assertTrue(client.complete(upload, List.of(one)));
          assertEquals(Optional.of("one"), client.get("a"));
        });
  }

  @Test
  void aCompletionThatIsGoneOnWithIsNotTakenForDead() {
    ModelCluster.run(
        13,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload upload = client.begin("a");
          List<Part> parts = List.of(client.part(upload, 1, "one"));
          assertInstanceOf(Uploads.Start.Go.class, client.start(upload, parts));
          cluster.simulation.clock().sleep(Duration.ofDays(3));
          var again = assertInstanceOf(Uploads.Start.Go.class, client.start(upload, parts));
          cluster.nodes.forEach(ModelCluster.Node::work);
          assertEquals(Uploads.Refusal.WRITTEN_BEFORE, client.publish(again, parts));
          assertEquals(Optional.of("one"), client.get("a"));
        });
  }

  private static Upload.State state(Client client, Upload upload) {
    return client
        .uploads()
        .find(upload.object(), upload.id(), client.deadline())
        .orElseThrow()
        .state();
  }

  @Test
  void uploadsInProgressAreListedByKeyAndId() {
    ModelCluster.run(
        10,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          Upload b = client.begin("b");
          Upload a = client.begin("a");
          Upload zero = client.begin("a\u0000b");
          Upload gone = client.begin("c");
          client.abort(gone);
          List<String> listed = new ArrayList<>();
          try (Uploads.Cursor cursor = client.uploads().list(Client.BUCKET, client.deadline())) {
            for (Upload u = cursor.next(); u != null; u = cursor.next()) {
              listed.add(u.object().key());
            }
            cursor.seekAfter("a", a.id());
            assertEquals(zero.id(), java.util.Objects.requireNonNull(cursor.next()).id());
            cursor.seek("b");
            assertEquals(b.id(), java.util.Objects.requireNonNull(cursor.next()).id());
          }
          assertEquals(List.of("a", "a\u0000b", "b"), listed);
        });
  }

  private static List<String> inProgress(Client client) {
    List<String> listed = new ArrayList<>();
    try (Uploads.Cursor cursor = client.uploads().list(Client.BUCKET, client.deadline())) {
      for (Upload u = cursor.next(); u != null; u = cursor.next()) {
        listed.add(u.object().key());
      }
    }
    return listed;
  }

  /** Lets the background work do all there is, the delays of readers included. */
  private static void settle(ModelCluster cluster) {
    for (int round = 0; round < 4; round++) {
      cluster.nodes.forEach(ModelCluster.Node::work);
      cluster.simulation.clock().sleep(Duration.ofMinutes(6));
    }
  }
}
