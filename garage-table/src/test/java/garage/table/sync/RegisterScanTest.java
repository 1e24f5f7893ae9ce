package garage.table.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.table.register.RegisterScan;
import garage.table.sync.SyncCluster.Faults;
import garage.table.sync.SyncCluster.Node;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Listings over three replicas of which not all know the same, or are there. */
final class RegisterScanTest {
  @Test
  void everyAcknowledgedWriteIsShownWhileANodeIsAway() {
    for (long seed = 1; seed <= 10; seed++) {
      run(
          seed,
          (cluster, simulation) -> {
            TreeMap<String, String> expected = new TreeMap<>();
            for (int i = 0; i < 60; i++) {
              if (i == 40) {
                cluster.nodes.get(1).crash();
              }
              String key = "k" + simulation.random().nextInt(40);
              String value = simulation.random().nextInt(4) == 0 ? "" : "v" + i;
              write(cluster.nodes.get(i % 2 * 2), key, value);
              expected.put(key, value);
            }
            expected.values().removeIf(String::isEmpty);
            assertEquals(expected, list(cluster.nodes.get(0), null));
            assertEquals(expected, list(cluster.nodes.get(2), null));
          });
    }
  }

  @Test
  void nodeThatMissedWritesListsWhatTheOthersKnow() {
    run(
        1,
        (cluster, simulation) -> {
          Node late = cluster.nodes.get(2);
          for (int i = 0; i < 20; i++) {
            write(cluster.nodes.getFirst(), "k" + i, "old");
          }
          simulation.clock().sleep(java.time.Duration.ofSeconds(1));
          late.crash();
          for (int i = 0; i < 20; i++) {
            write(cluster.nodes.getFirst(), "k" + i, i % 2 == 0 ? "new" : "");
          }
          late.start();
          Map<String, String> listed = list(late, null);
          assertEquals(10, listed.size(), "the deleted are not shown");
          assertTrue(listed.values().stream().allMatch("new"::equals));
        });
  }

  @Test
  void pageIsOneRoundOfAQuorum() {
    run(
        1,
        (cluster, simulation) -> {
          for (int i = 0; i < 300; i++) {
            write(cluster.nodes.get(i % 3), "k" + i, "v" + i);
          }
          simulation.clock().sleep(java.time.Duration.ofSeconds(1));
          cluster.calls.clear();
          assertEquals(300, list(cluster.nodes.getFirst(), null).size());
          assertEquals(1, cluster.calls.get("scan/text"), "one other node was asked, once");
          assertEquals(null, cluster.calls.get("register/text"), "no key was read by itself");
        });
  }

  @Test
  void whatAPrefixHidesDoesNotCrossTheWire() {
    run(
        1,
        (cluster, simulation) -> {
          for (int i = 0; i < 2_400; i++) {
            write(cluster.nodes.getFirst(), "p%d/%04d".formatted(i / 800, i), "v" + i);
          }
          write(cluster.nodes.getFirst(), "p1/0800", ""); // the first of a group is deleted
          write(cluster.nodes.getFirst(), "q", "alone");
          simulation.clock().sleep(java.time.Duration.ofSeconds(1));
          cluster.calls.clear();
          var byDirectory = new RegisterScan.Grouping(0, new byte[] {'/'});
          List<String> keys = List.copyOf(list(cluster.nodes.get(1), byDirectory).keySet());
          assertEquals(List.of("p0/0000", "p1/0801", "p2/1600", "q"), keys);
          assertEquals(1, cluster.calls.get("scan/text"), "one page of a few rows");
        });
  }

  private static void run(long seed, BiConsumer<SyncCluster, Simulation> body) {
    Simulation.run(
        seed,
        simulation -> body.accept(new SyncCluster(simulation, 3, 0, Faults.NONE), simulation));
  }

  private static void write(Node node, String key, String value) {
    node.register().write(bytes(key), value, ByteBuffer.allocate(0), node.deadline(30));
  }

  private static Map<String, String> list(Node node, RegisterScan.@Nullable Grouping groups) {
    var range = new RegisterScan.Range(new byte[] {'a'}, new byte[] {'z'}, 1_000, groups);
    TreeMap<String, String> found = new TreeMap<>();
    List<String> keys = new ArrayList<>();
    try (RegisterScan<String>.Cursor cursor = node.scan().open(range, node.deadline(30))) {
      for (RegisterScan.Row<String> row = cursor.next(); row != null; row = cursor.next()) {
        String key = new String(row.key(), StandardCharsets.UTF_8);
        keys.add(key);
        found.put(key, row.version().value());
      }
    }
    assertEquals(List.copyOf(found.keySet()), keys, "in order, each once");
    return found;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
