package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects by key and in order, on one node and on three. */
final class ObjectsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatWasPutIsReadFromEveryNodeUntilItIsDeleted(int nodes) {
    ModelCluster.run(
        1,
        nodes,
        cluster -> {
          Client writer = new Client(cluster.first());
          Client reader = new Client(cluster.nodes.getLast());
          assertEquals(Optional.empty(), reader.get("a"));
          writer.put("a", "small");
          assertEquals(Optional.of("small"), reader.get("a"));
          writer.putBlocks("a", "two blocks");
          assertEquals(Optional.of("twoblocks"), reader.get("a"));
          writer.delete("a");
          assertEquals(Optional.empty(), reader.get("a"));
        });
  }

  @Test
  void aConditionSeesThePresentObject() {
    ModelCluster.run(
        2,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          Objects objects = client.objects();
          var done = new Objects.Outcome.Done(VersionId.NULL);
          assertEquals(
              done,
              objects.putIf(
                  Client.key("a"),
                  now -> now == null,
                  Client.inline("1"),
                  Client.bytes("1"),
                  client.deadline()));
          var refused =
              objects.putIf(
                  Client.key("a"),
                  now -> now == null,
                  Client.inline("2"),
                  Client.bytes("2"),
                  client.deadline());
          assertEquals(new Objects.Outcome.NotHeld(Client.inline("1")), refused);
          assertEquals(
              new Objects.Outcome.NotHeld(Client.inline("1")),
              objects.deleteIf(Client.key("a"), now -> now == null, client.deadline()));
          assertEquals(
              done,
              objects.deleteIf(
                  Client.key("a"), now -> Client.inline("1").equals(now), client.deadline()));
          assertEquals(Optional.empty(), client.get("a"));
        });
  }

  @Test
  void aListingIsInTheOrderOfTheBytesAndSkipsWhatIsDeleted() {
    ModelCluster.run(
        3,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          List<String> keys = List.of("b", "a/2", "a", "é", "a/1", "z", "\uffee", "\ud83d\ude00");
          keys.forEach(key -> client.put(key, "x"));
          client.delete("z");
          assertEquals(
              List.of("a", "a/1", "a/2", "b", "é", "\uffee", "\ud83d\ude00"), list(client, ""));
          assertEquals(List.of("a/2", "b", "é", "\uffee", "\ud83d\ude00"), list(client, "a/2"));
        });
  }

  private static List<String> list(Client client, String from) {
    List<String> keys = new ArrayList<>();
    try (Objects.Cursor cursor =
        client.objects().list(Client.BUCKET, Objects.Span.ALL, client.deadline())) {
      cursor.seek(from);
      for (var listed = cursor.next(); listed != null; listed = cursor.next()) {
        keys.add(listed.key());
      }
    }
    return keys;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "present"})
  void aFenceMakesAConditionBeEvaluatedAgain(String present) {
    for (long seed = 1; seed <= 20; seed++) {
      ModelCluster.run(
          seed,
          3,
          cluster -> {
            Client client = new Client(cluster.first());
            Client other = new Client(cluster.nodes.getLast());
            if (!present.isEmpty()) {
              client.put("a", present);
            }
            boolean[] allowed = {true};
            List<Objects.Outcome> outcomes = new ArrayList<>();
            Tasks.Task slow =
                cluster
                    .simulation
                    .tasks()
                    .start(
                        "slow",
                        () -> {
                          var outcome =
                              client
                                  .objects()
                                  .putIf(
                                      Client.key("a"),
                                      _ -> {
                                        boolean now = allowed[0];
                                        cluster.simulation.clock().sleep(Duration.ofSeconds(2));
                                        return now;
                                      },
                                      Client.inline("late"),
                                      Client.bytes("late"),
                                      client.deadline());
                          outcomes.add(outcome);
                        });
            cluster.simulation.clock().sleep(Duration.ofSeconds(1)); // it has read "allowed"
            allowed[0] = false;
            Optional<Objects.Found> found =
                other.objects().fence(Client.key("a"), other.deadline());
            assertEquals(present, found.map(f -> f.object().etag()).orElse(""));
            slow.join();
            assertInstanceOf(Objects.Outcome.NotHeld.class, outcomes.getFirst());
            assertEquals(present, other.get("a").orElse(""));
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofWritersThatRaceForAKeyOneWinsAndTheOthersAreToldSo(Versioning versioning) {
    Race all = new Race(0, 0, 0);
    for (int seed = 1; seed <= 15; seed++) {
      all = all.plus(race(versioning, seed));
    }
    assertEquals(15, all.done(), all.toString());
    assertTrue(all.refused() >= 15 * 5 - 3, all.toString());
  }

  /** How writers ended: {@code unknown} were told that nobody knows. */
  private record Race(int done, int refused, int unknown) {
    Race plus(Race more) {
      return new Race(done + more.done, refused + more.refused, unknown + more.unknown);
    }
  }

  /** Six writers want to be the first to write a key. */
  private static Race race(Versioning versioning, int seed) {
    List<Race> ends = new ArrayList<>();
    ModelCluster.run(
        seed,
        3,
        cluster -> {
          List<Tasks.Task> writers = new ArrayList<>();
          for (int i = 0; i < 6; i++) {
            String text = "w" + i;
            Client client = new Client(cluster.nodes.get(i % 3));
            writers.add(
                cluster
                    .simulation
                    .tasks()
                    .start(text, () -> ends.add(writeFirst(client, versioning, text))));
          }
          writers.forEach(Tasks.Task::join);
          Client client = new Client(cluster.first());
          assertTrue(client.get("a").isPresent());
          if (ends.stream().noneMatch(end -> end.unknown > 0)) {
            client.put("a", Versioning.ENABLED, "later");
            assertEquals(2, client.history("").size(), "what was refused is no version");
          }
        });
    assertEquals(6, ends.size());
    return ends.stream().reduce(new Race(0, 0, 0), Race::plus);
  }

  private static Race writeFirst(Client client, Versioning versioning, String text) {
    Objects.Target to = new Objects.Target(Client.key("a"), versioning);
    try {
      return switch (client
          .objects()
          .putIf(
              to, now -> now == null, Client.inline(text), Client.bytes(text), client.deadline())) {
        case Objects.Outcome.Done _ -> new Race(1, 0, 0);
        case Objects.Outcome.NotHeld _ -> new Race(0, 1, 0);
      };
    } catch (GarageException.QuorumNotReached e) {
      return new Race(0, 0, 1);
    }
  }
}
