package garage.db.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fills a real file system, small and in memory, mounted for one child process in a namespace of
 * its own. Skipped where the system does not allow that.
 */
class RocksFullDiskTest {
  private static final String MOUNT = "mount -t tmpfs -o size=96m none \"$0\" && exec \"$@\"";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void aFullDiskRefusesWritesServesReadsAndRecoversByItself()
      throws IOException, InterruptedException {
    List<String> inNamespace =
        List.of("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, directory.toString());
    assumeTrue(isAllowed(inNamespace), "cannot mount a file system here");
    try (Child child = Child.start(inNamespace, FullDiskWriter.class, directory.toString())) {
      assertEquals("behaved", child.line());
      assertEquals(0, child.exitCode());
    }
  }

  private static boolean isAllowed(List<String> wrapper) throws InterruptedException {
    List<String> command = new ArrayList<>(wrapper);
    command.add("true");
    try {
      return new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // no such command
    }
  }
}
