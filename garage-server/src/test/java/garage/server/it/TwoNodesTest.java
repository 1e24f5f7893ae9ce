package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.server.it.ServerUnderTest.Launch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that know each other by an address and the secret alone. */
class TwoNodesTest {
  /** Each is a command of its own, which takes half a second at least. */
  private static final int ATTEMPTS_MAX = 60;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void twoNodesSeeEachOtherAndMissOneThatWasKilled() {
    NodeFiles first = NodeFiles.in(directory.resolve("first")).write();
    NodeFiles second =
        NodeFiles.in(directory.resolve("second"))
            .with("bootstrap_peers = [\"" + first.rpcAddress() + "\"]")
            .write();
    try (ServerUnderTest a = new ServerUnderTest(Launch.node(first)).start();
        ServerUnderTest b = new ServerUnderTest(Launch.node(second)).start()) {
      String idOfA = shortId(a);
      String idOfB = shortId(b);
      for (ServerUnderTest each : List.of(a, b)) {
        List<String> healthy = statusWhen(each, 2);
        assertTrue(healthy.stream().anyMatch(row -> row.startsWith(idOfA)), healthy.toString());
        assertTrue(healthy.stream().anyMatch(row -> row.startsWith(idOfB)), healthy.toString());
      }
      a.cli("layout", "assign", "-z", "one", "-c", "1G", idOfA).succeeded();
      a.cli("layout", "assign", "-z", "two", "-c", "1G", idOfB).succeeded();
      a.cli("layout", "apply", "--version", "1").succeeded();
      String layout = b.cli("layout", "show").succeeded();
      assertTrue(layout.contains("Current cluster layout version: 1"), layout);
      b.kill();
      assertEquals(1, statusWhen(a, 1).size());
      String status = a.cli("status").succeeded();
      String failed = status.substring(status.indexOf("==== FAILED NODES ===="));
      assertTrue(failed.contains(idOfB), status);
      b.restart();
      assertEquals(2, statusWhen(a, 2).size());
    }
  }

  private static String shortId(ServerUnderTest server) {
    return server.cli("node", "id", "-q").succeeded().substring(0, 16);
  }

  /** The rows of healthy nodes, as soon as there are {@code count}. */
  private static List<String> statusWhen(ServerUnderTest server, int count) {
    List<String> rows = List.of();
    for (int i = 0; i < ATTEMPTS_MAX && rows.size() != count; i++) {
      rows =
          server
              .cli("status")
              .succeeded()
              .lines()
              .skip(2)
              .takeWhile(line -> line.matches("[0-9a-f]{16} .*"))
              .toList();
    }
    assertEquals(count, rows.size(), rows.toString());
    return rows;
  }
}
