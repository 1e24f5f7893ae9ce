package garage.server.it;

import static garage.server.it.ClusterUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** {@code scripts/cluster}, typed as its help says. */
class ClusterScriptTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  /** Each look is a process of its own, so that these are some seconds. */
  private static final int LOOKS_MAX = 500;

  @Test
  void nodesAreMadeKilledWipedAndStartedAgain() throws Exception {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(directory, 2, "--zones", "1")) {
      try (S3Client s3 = cluster.client(2)) {
        s3.putObject(b -> b.bucket(BUCKET).key("a"), RequestBody.fromString("kept"));
      }
      assertEquals(List.of("running", "running"), states(cluster));
      String layout = cluster.garage(2, "layout", "show").succeeded();
      assertEquals(2, layout.lines().filter(line -> line.contains("zone1")).count(), layout);

      cluster.pause(2);
      assertEquals(List.of("running", "paused"), states(cluster));
      assertTrue(cluster.run("wipe", "2").failed().contains("node 2 runs"));
      cluster.resume(2);
      cluster.kill(1);
      assertEquals(List.of("ended", "running"), states(cluster));
      assertTrue(cluster.run("kill", "1").failed().contains("node 1 does not run"));
      assertTrue(cluster.run("pause", "3").failed().contains("no node '3'"));

      cluster.start();
      assertEquals(List.of("running", "running"), states(cluster));
      try (S3Client s3 = cluster.client(1)) {
        assertEquals("kept", s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("a")).asUtf8String());
      }
      cluster.run("stop", "1").succeeded();
      assertTrue(Files.exists(cluster.files(1).resolve("meta/node_key")));
      cluster.run("wipe", "1").succeeded();
      assertTrue(Files.notExists(cluster.files(1).resolve("meta/node_key")));
    }
    String left = "not looked at yet";
    for (int i = 0; i < LOOKS_MAX && !left.isEmpty(); i++) { // what was killed is being reaped
      left = Output.of(List.of("pgrep", "-f", directory.toString()), Map.of()).out();
    }
    assertEquals("", left);
  }

  private static List<String> states(ClusterUnderTest cluster) {
    return cluster
        .run("status")
        .succeeded()
        .lines()
        .skip(1)
        .map(line -> line.split(" +", 3)[1])
        .toList();
  }
}
