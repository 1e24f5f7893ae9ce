package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.server.it.ServerUnderTest.Launch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Three real nodes with one configuration, as a StatefulSet starts them: nobody lays them out. */
class AutoLayoutTest {
  private static final int NODES = 3;

  /** Each is a command of its own, which takes half a second at least. */
  private static final int ATTEMPTS_MAX = 120;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void threeNodesWithOneConfigurationBecomeAClusterByThemselves() {
    List<NodeFiles> files = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      files.add(NodeFiles.copies(directory.resolve("garage-" + i), NODES));
    }
    String peers =
        String.join(", ", files.stream().map(file -> "\"" + file.rpcAddress() + "\"").toList());
    List<ServerUnderTest> servers = new ArrayList<>();
    try {
      for (NodeFiles file : files) {
        NodeFiles written =
            file.with("auto_layout = true")
                .with("capacity = \"1G\"")
                .with("bootstrap_peers = [" + peers + "]")
                .write();
        servers.add(new ServerUnderTest(Launch.node(written)).start());
      }
      String layout = layoutWhenApplied(servers.getFirst());
      assertTrue(layout.contains("Current cluster layout version: 1\n"), layout);
      assertEquals(NODES, layout.lines().filter(line -> line.contains("1.0 GB")).count(), layout);
      useTheCluster(servers);
    } finally {
      servers.forEach(ServerUnderTest::close);
    }
  }

  private static void useTheCluster(List<ServerUnderTest> servers) {
    ServerUnderTest first = servers.getFirst();
    String made = first.cli("key", "create", "app").succeeded();
    String id = after(made, "Access Key ID:");
    String secret = after(made, "Secret Access Key:");
    first.cli("bucket", "create", "data").succeeded();
    first.cli("bucket", "allow", "data", "--read", "--write", "--key", "app").succeeded();
    try (S3Client s3 = first.client(id, secret)) {
      s3.putObject(b -> b.bucket("data").key("k"), RequestBody.fromString("v"));
    }
    try (S3Client s3 = servers.getLast().client(id, secret)) {
      assertEquals("v", s3.getObjectAsBytes(b -> b.bucket("data").key("k")).asUtf8String());
    }
  }

  private static String layoutWhenApplied(ServerUnderTest server) {
    String layout = "";
    for (int i = 0; i < ATTEMPTS_MAX && !layout.contains("version: 1\n"); i++) {
      layout = server.cli("layout", "show").succeeded();
    }
    return layout;
  }

  private static String after(String text, String label) {
    return text.lines()
        .filter(line -> line.startsWith(label))
        .map(line -> line.substring(label.length()).strip())
        .findFirst()
        .orElseThrow(() -> new AssertionError(label + " is not in\n" + text));
  }
}
