package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.model.ModelCluster;
import garage.model.counter.BucketCounters;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Versions are listed in the order in which they were written, though clocks differ, calls are late
 * and lost, and writes of one key race: a version comes before every one that was acknowledged
 * before it was begun, and the present one before all. What was acknowledged is listed once, by the
 * id that was answered, and can be read. A failing seed is in the message and replays exactly.
 */
final class VersionOrderTest {
  private static final int CLIENTS = 5;
  private static final int OPERATIONS = 4;
  private static final String KEY = "a";

  @ParameterizedTest
  @CsvSource({"3, 0, 60", "3, 8, 120", "5, 5, 25"})
  void laterVersionsAreListedFirst(int nodes, int lossPercent, int seeds) {
    for (long seed = 1; seed <= seeds; seed++) {
      String which = "seed " + seed;
      ModelCluster.run(seed, nodes, cluster -> new Run(cluster, which).run(lossPercent));
    }
  }

  @Test
  void ofManyWritersOfOneKeyEachIsToldItsVersion() {
    for (long seed = 1; seed <= 3; seed++) {
      String which = "seed " + seed;
      ModelCluster.run(
          seed,
          1,
          cluster -> {
            Client client = new Client(cluster.first());
            Set<VersionId> ids = new LinkedHashSet<>();
            List<Tasks.Task> tasks = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
              Runnable writer =
                  () -> {
                    for (int n = 0; n < 20; n++) {
                      ids.add(client.put(KEY, Versioning.ENABLED, "x"));
                    }
                  };
              tasks.add(cluster.simulation.tasks().start("writer " + i, writer));
            }
            tasks.forEach(Tasks.Task::join);
            assertEquals(640, ids.size(), which);
            assertEquals(640, client.versions(KEY).size(), which);
          });
    }
  }

  private record Written(String text, VersionId id, long began, long ended) {}

  private static final class Run {
    private final ModelCluster cluster;
    private final Simulation simulation;
    private final String which;
    private final List<Written> acknowledged = new ArrayList<>();
    private int count;

    Run(ModelCluster cluster, String which) {
      this.cluster = cluster;
      this.simulation = cluster.simulation;
      this.which = which;
    }

    void run(int lossPercent) {
      for (ModelCluster.Node node : cluster.nodes) {
        node.machine.jumpWall(Duration.ofMillis(simulation.random().nextInt(4_000)));
      }
      cluster.trouble(12, lossPercent);
      List<Tasks.Task> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Client client = new Client(cluster.nodes.get(i % cluster.nodes.size()));
        clients.add(simulation.tasks().start("client " + i, () -> write(client)));
      }
      clients.forEach(Tasks.Task::join);
      cluster.heal();
      check(new Client(cluster.nodes.getLast()));
      cluster.settle();
      Client client = new Client(cluster.first());
      check(client);
      removeAll(client);
    }

    private void write(Client client) {
      RandomSource random = simulation.random();
      for (int i = 0; i < OPERATIONS; i++) {
        simulation.clock().sleep(Duration.ofMillis(random.nextInt(60)));
        String text = "v" + ++count;
        switch (random.nextInt(5)) {
          case 0 -> record(text, () -> client.putBlocks(KEY, Versioning.ENABLED, text));
          case 1 -> record("-", () -> client.mark(KEY, Versioning.ENABLED));
          case 2 -> record(text, () -> putIf(client, text));
          default -> record(text, () -> client.put(KEY, Versioning.ENABLED, text));
        }
      }
    }

    /** On a condition that always holds. */
    private static VersionId putIf(Client client, String text) {
      var outcome =
          client
              .objects()
              .putIf(
                  Client.target(KEY, Versioning.ENABLED),
                  _ -> true,
                  Client.inline(text),
                  ByteBuffer.wrap(Client.bytes(text).array()),
                  client.deadline());
      return ((Objects.Outcome.Done) outcome).id();
    }

    private void record(String text, Supplier<VersionId> write) {
      long began = simulation.clock().nanos();
      try {
        VersionId id = write.get();
        acknowledged.add(new Written(text, id, began, simulation.clock().nanos()));
      } catch (GarageException.QuorumNotReached | GarageException.TimedOut e) {
        simulation.note("the outcome is unknown: " + text);
      }
    }

    private void check(Client client) {
      List<VersionScan.Listed> listed = client.versions(KEY);
      List<VersionId> ids = listed.stream().map(VersionScan.Listed::id).toList();
      String said = which + ": " + client.history(KEY) + " of " + acknowledged;
      assertTrue(acknowledged.size() > CLIENTS, said);
      assertTrue(listed.getFirst().latest(), said);
      assertEquals(1, listed.stream().filter(VersionScan.Listed::latest).count(), said);
      for (Written one : acknowledged) {
        assertTrue(ids.contains(one.id()), () -> one + " is lost, " + said);
        assertEquals(Optional.of(one.text()), client.get(KEY, one.id()), said);
        for (Written other : acknowledged) {
          if (one.ended() < other.began()) {
            assertTrue(
                ids.indexOf(other.id()) < ids.indexOf(one.id()),
                () -> other + " was written after " + one + ", " + said);
          }
        }
      }
      List<String> texts =
          client.history(KEY).stream()
              .map(t -> t.substring(2))
              .filter(t -> !"-".equals(t))
              .toList();
      assertEquals(texts.stream().distinct().toList(), texts, said);
    }

    /** The one before the present one takes its place when that is removed. */
    private void removeAll(Client client) {
      List<VersionId> ids = client.versions(KEY).stream().map(VersionScan.Listed::id).toList();
      for (int i = 0; i < ids.size(); i++) {
        client.remove(KEY, ids.get(i));
        List<VersionScan.Listed> left = client.versions(KEY);
        assertEquals(
            ids.subList(i + 1, ids.size()),
            left.stream().map(VersionScan.Listed::id).toList(),
            which);
        assertTrue(left.isEmpty() || left.getFirst().latest(), which);
      }
      cluster.settle();
      for (Client reader : Client.ofAll(cluster)) {
        assertEquals(new BucketCounters.Counts(0, 0, 0), reader.counts(), which);
      }
    }
  }
}
