package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.server.process.Main;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that cannot start says why in one line, and ends with exit code 1. */
class StartUpErrorsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void aWrongKeyIsAnsweredWithTheNearestRightOne() {
    NodeFiles files = NodeFiles.in(directory).with("blok_size = \"1MiB\"").write();
    String error = refusal(files);
    assertTrue(error.contains("'blok_size'") && error.contains("'block_size'"), error);
    assertTrue(error.contains("garage.toml"), error);
  }

  @Test
  void aFileThatIsNotTomlIsRefused() throws IOException {
    NodeFiles files = NodeFiles.in(directory).write();
    Files.writeString(files.config(), "metadata_dir = [\n");
    assertTrue(refusal(files).contains("garage.toml"));
  }

  @Test
  void aPortInUseIsNamed() throws IOException {
    NodeFiles files = NodeFiles.in(directory).write();
    NodeFiles.Ports ports = files.ports();
    for (int port : new int[] {ports.s3(), ports.admin(), ports.rpc()}) {
      try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        String error = refusal(files);
        assertTrue(error.contains(Integer.toString(taken.getLocalPort())), error);
      }
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
    NodeFiles files = NodeFiles.in(directory).write();
    Files.writeString(files.data(), "a file stands in its place");
    String error = refusal(files);
    assertTrue(error.contains(files.data().toString()), error);
  }

  @Test
  void aDirectoryInAReadOnlySystemIsNamed() throws IOException {
    NodeFiles files = NodeFiles.in(directory).write();
    String text = Files.readString(files.config());
    Files.writeString(files.config(), text.replace(files.data().toString(), "/proc/nowhere"));
    String error = refusal(files);
    assertTrue(error.contains("/proc/nowhere"), error);
  }

  @Test
  void aSecretThatOthersMayReadIsRefused() throws IOException {
    NodeFiles files = NodeFiles.in(directory).write();
    Files.setPosixFilePermissions(files.secret(), PosixFilePermissions.fromString("rw-r--r--"));
    String error = refusal(files);
    assertTrue(error.contains(files.secret().toString()), error);
    assertTrue(!error.contains(NodeFiles.SECRET), error);
  }

  @Test
  void aSecretOfAnotherFormIsRefusedAndNotRepeated() throws IOException {
    NodeFiles files = NodeFiles.in(directory).write();
    Files.writeString(files.secret(), "hunter2\n");
    String error = refusal(files);
    assertTrue(error.contains("rpc_secret") && !error.contains("hunter2"), error);
  }

  @Test
  void aConfigurationThatIsNotThereIsNamed() {
    NodeFiles files = NodeFiles.in(directory); // not written
    assertTrue(refusal(files).contains(files.config().toString()));
  }

  @Test
  void aSecondServerOnTheSameDirectoryIsRefused() {
    try (ServerUnderTest first = ServerUnderTest.singleNode(directory)) {
      NodeFiles again =
          new NodeFiles(directory, directory, NodeFiles.Ports.choose(), first.files().settings())
              .write();
      String error = refusal(again);
      assertTrue(error.contains(directory.toString()), error);
    }
  }

  /** The only line on standard error of a server that must not start. */
  private static String refusal(NodeFiles files) {
    List<String> command = new ArrayList<>(ServerUnderTest.java(128));
    command.addAll(List.of(Main.class.getName(), "-c", files.config().toString(), "server"));
    String error = Output.of(command).failed();
    assertEquals(1, error.lines().count(), error);
    assertTrue(error.startsWith("Error: "), error);
    return error;
  }
}
