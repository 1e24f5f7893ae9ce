package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/**
 * Snapshots of a real node's metadata, and the ways back to one, as the operations page has them.
 */
class SnapshotTest {
  /** Larger than what is kept with the metadata, so that it is in blocks. */
  private static final String LARGE = "0123456789abcdef".repeat(20_000);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void aNodeGoesBackToItsSnapshotAlsoOnAnEmptyMetadataDisk() throws IOException {
    Path snapshots = directory.resolve("other-disk");
    NodeFiles files =
        NodeFiles.in(directory.resolve("node"))
            .with("metadata_snapshots_dir = \"" + snapshots + "\"")
            .write();
    Path meta = files.storage().resolve("meta");
    try (ServerUnderTest server =
        new ServerUnderTest(ServerUnderTest.Launch.singleNode(files)).start()) {
      put(server, "small", "one");
      put(server, "large", LARGE);
      String printed = server.cli("meta", "snapshot").succeeded();
      String id = server.cli("node", "id", "-q").succeeded().substring(0, 16);
      assertEquals("Node              Result\n" + id + "  Snapshot created\n", printed);
      put(server, "small", "two");
      put(server, "later", "three");

      server.stop();
      Path snapshot = snapshots.resolve(only(snapshots));
      move(meta.resolve("db"), meta.resolve("db.old"));
      copy(snapshot.resolve("db"), meta.resolve("db"));
      server.restart();
      assertAsOfTheSnapshot(server);
      put(server, "small", "four");
      assertEquals("four", get(server, "small"));

      server.stop();
      move(meta, directory.resolve("lost"));
      copy(snapshot, meta);
      server.restart();
      assertAsOfTheSnapshot(server);
      assertEquals(id, server.cli("node", "id", "-q").succeeded().substring(0, 16));
      put(server, "small", "five");
      assertEquals("five", get(server, "small"));
    }
  }

  private static void assertAsOfTheSnapshot(ServerUnderTest server) {
    assertEquals("one", get(server, "small"));
    assertEquals(LARGE, get(server, "large"));
    assertThrows(NoSuchKeyException.class, () -> get(server, "later"));
  }

  private static void put(ServerUnderTest server, String key, String value) {
    try (S3Client s3 = server.client()) {
      s3.putObject(b -> b.bucket(ServerUnderTest.BUCKET).key(key), RequestBody.fromString(value));
    }
  }

  private static String get(ServerUnderTest server, String key) {
    try (S3Client s3 = server.client()) {
      return s3.getObjectAsBytes(b -> b.bucket(ServerUnderTest.BUCKET).key(key)).asUtf8String();
    }
  }

  private static String only(Path parent) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      List<String> names = children.map(child -> child.getFileName().toString()).toList();
      assertEquals(1, names.size(), names.toString());
      return names.getFirst();
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to);
  }

  /** As {@code cp -a}. */
  private static void copy(Path from, Path to) {
    Output copied = Output.of(List.of("cp", "-a", from.toString(), to.toString()));
    assertTrue(copied.exitCode() == 0, copied.err());
  }
}
