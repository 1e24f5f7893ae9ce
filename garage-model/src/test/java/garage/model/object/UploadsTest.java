package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
          cluster.settle();
          assertEquals(3, cluster.blocks.count(), "first, second and part");
          assertEquals(Optional.of("firstpartsecondpart"), client.get("a"));
        });
  }

  @Test
  void aRepeatedCompletionIsAnsweredTheSameAndAnotherIsNot() {
    Client.withThree((_, client) -> {
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
    Client.withThree((_, client) -> {
      Upload upload = client.begin("a");
      Part one = client.part(upload, 1, "one");
      Part two = client.part(upload, 2, "two");
      Uploads.Start.Go go = client.started(upload, List.of(one));
      assertInstanceOf(Uploads.Start.Busy.class, client.start(upload, List.of(one, two)));
      Uploads.Start.Go again = client.started(upload, List.of(one));
      assertEquals(go.completion(), again.completion());
    });
  }

  @Test
  void aRefusedCompletionLeavesTheUploadOpen() {
    Client.withThree((_, client) -> {
      Upload upload = client.begin("a");
      Part one = client.part(upload, 1, "one");
      Uploads.Start.Go go = client.started(upload, List.of(one));
      assertEquals(Uploads.Refusal.CONDITION, client.refused(go));
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
          cluster.settle();
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
          client.started(upload, List.of(one));
          assertTrue(client.abort(upload));
          cluster.settle();
          assertEquals(0, cluster.blocks.count());
        });
  }

  @Test
  void anAbortFindsThatTheObjectWasWritten() {
    Client.withThree((cluster, client) -> {
      Upload upload = client.begin("a");
      Part one = client.part(upload, 1, "one");
      Uploads.Start.Go go = client.started(upload, List.of(one));
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
      cluster.settle();
      assertEquals(Optional.of("one"), client.get("a"));
      var before = assertInstanceOf(Uploads.Start.Before.class, client.start(upload, List.of(one)));
      assertEquals("tag", before.etag());
    });
  }

  @Test
  void aCompletionThatWasThoughtDeadCannotWriteAnyMore() {
    Client.withThree((cluster, dead) -> {
      Client other = new Client(cluster.last());
      Upload upload = dead.begin("a");
      List<Part> parts = List.of(dead.part(upload, 1, "one"));
      Uploads.Start.Go go = dead.started(upload, parts);
      assertTrue(other.abort(upload));
      assertEquals(Uploads.Refusal.STOPPED, dead.publish(go, parts));
      assertEquals(Optional.empty(), other.get("a"));
      cluster.settle();
      assertEquals(0, cluster.blocks.count());
    });
  }

  @Test
  void theCleanerForgetsWhatIsLongOver() {
    Client.withThree((cluster, client) -> {
      Upload done = client.begin("done");
      Part part = client.part(done, 1, "part");
      assertTrue(client.complete(done, List.of(part)));
      Upload open = client.begin("open");
      client.part(open, 1, "open");
      cluster.settle();
      assertInstanceOf(Uploads.Start.Before.class, client.start(done, List.of(part)));
      cluster.simulation.clock().sleep(UploadCleaner.KEPT.plusHours(1));
      cluster.settle();
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
          Uploads.Start.Go go = client.started(upload, List.of(one));
          cluster.simulation.clock().sleep(Duration.ofDays(3));
          cluster.settle();
          assertEquals(List.of("a"), inProgress(client), "nobody has asked to abort it");
          assertEquals(Uploads.Refusal.TAKEN_OVER, client.publish(go, List.of(one)), "too late");
          assertEquals(Optional.empty(), client.get("a"));
          Part two = client.part(upload, 2, "two");
          assertTrue(client.complete(upload, List.of(one, two)));
          cluster.settle();
          assertEquals(Optional.of("onetwo"), client.get("a"));
        });
  }

  /** Somebody was refused for a condition, and died before the upload took parts again. */
  @Test
  void anUploadThatWasBeingStoppedByWhoDiedTakesPartsAgain() {
    Client.withThree((cluster, client) -> {
      ModelCluster.Node dying = cluster.last();
      Client refusing = new Client(dying);
      Upload upload = client.begin("a");
      Part one = client.part(upload, 1, "one");
      Uploads.Start.Go go = refusing.started(upload, List.of(one));
      dying.machine.tasks().start("refused", () -> refusing.refused(go));
      while (!(state(client, upload) instanceof Upload.State.Stopping)) {
        cluster.simulation.clock().sleep(Duration.ofMillis(1));
      }
      dying.powerOff();
      dying.restart();
      assertInstanceOf(Upload.State.Stopping.class, state(client, upload));
      cluster.simulation.clock().sleep(Duration.ofHours(1));
      cluster.settle();
      assertInstanceOf(Upload.State.Open.class, state(client, upload));
      assertTrue(client.complete(upload, List.of(one)));
      assertEquals(Optional.of("one"), client.get("a"));
    });
  }

  @Test
  void aCompletionThatIsGoneOnWithIsNotTakenForDead() {
    Client.withThree((cluster, client) -> {
      Upload upload = client.begin("a");
      List<Part> parts = List.of(client.part(upload, 1, "one"));
      client.started(upload, parts);
      cluster.simulation.clock().sleep(Duration.ofDays(3));
      Uploads.Start.Go again = client.started(upload, parts);
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
    Client.withThree((_, client) -> {
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
    return client.uploadsInProgress().stream().map(upload -> upload.object().key()).toList();
  }
}
