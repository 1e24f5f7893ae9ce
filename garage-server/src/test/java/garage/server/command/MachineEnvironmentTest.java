package garage.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.cli.CliEnvironment;
import garage.cli.Console;
import garage.cli.GarageCli;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemDisk;
import garage.common.env.system.SystemHostFiles;
import garage.common.env.system.SystemRandom;
import garage.common.error.GarageException;
import garage.rpc.handshake.NodeIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a real directory, as far as they go without a running node. */
class MachineEnvironmentTest {
  @TempDir private Path directory;
  private String out = "";
  private String err = "";

  @Test
  void theNodesIdIsReadFromItsDirectoryEvenWithoutASecret() throws IOException {
    NodeIdentity identity = NodeIdentity.loadOrCreate(new SystemDisk(directory.resolve("meta")));

    assertEquals(0, run(configure("rpc_public_addr = \"garage-0:3901\""), "node", "id", "-q"));

    assertEquals(identity.id() + "@garage-0:3901\n", out);
  }

  @Test
  void aNodeThatWasNeverStartedHasNoId() throws IOException {
    assertEquals(1, run(configure(""), "node", "id"));

    assertTrue(err.contains("start it with `garage server`"), err);
    assertTrue(Files.notExists(directory.resolve("meta")), "a question makes no directory");
  }

  @Test
  void withoutASecretNothingIsAsked() throws IOException {
    NodeIdentity.loadOrCreate(new SystemDisk(directory.resolve("meta")));

    assertEquals(1, run(configure(""), "status"));

    assertTrue(err.startsWith("Error: rpc_secret is missing"), err);
  }

  @Test
  void aNodeThatDoesNotRunIsOneLine() throws IOException {
    NodeIdentity.loadOrCreate(new SystemDisk(directory.resolve("meta")));

    assertEquals(1, run(configure("rpc_secret = \"" + "5e".repeat(32) + "\""), "status"));

    assertTrue(err.startsWith("Error: no node answers at 127.0.0.1:1 ("), err);
    assertTrue(err.endsWith("): is it running?\n"), err);
  }

  @Test
  void theCommandLineOutranksTheEnvironment() throws IOException {
    NodeIdentity.loadOrCreate(new SystemDisk(directory.resolve("meta")));
    Map<String, String> environment = Map.of("GARAGE_CONFIG_FILE", "/does/not/exist");

    assertEquals(1, run(environment, "node", "id", "-q"));
    assertTrue(err.contains("/does/not/exist"), err);
    configure("");
    String config = directory.resolve("garage.toml").toString();
    assertEquals(0, run(environment, "-c", config, "node", "id", "-q"));
  }

  @Test
  void theIdentityOfATargetThatIsToldIsNotThisMachines() {
    MachineEnvironment machine = machine(Map.of("GARAGE_RPC_SECRET", "5e".repeat(32)));

    assertEquals(1, run(machine, "-h", "127.0.0.1:1", "status"));

    assertTrue(err.startsWith("Error: no node answers at 127.0.0.1:1 ("), err);
    assertEquals(1, run(machine, "-h", "nonsense", "status"));
    assertTrue(err.startsWith("Error: --rpc-host: 'nonsense' is not an address"), err);
  }

  @Test
  void aDamagedIdentityIsSaidToBe() throws IOException {
    Path meta = Files.createDirectories(directory.resolve("meta"));
    Files.writeString(meta.resolve(NodeIdentity.CERTIFICATE_FILE), "nonsense");

    assertEquals(1, run(configure(""), "node", "id"));

    assertTrue(err.contains("is damaged"), err);
  }

  @Test
  void withoutAFileThereIsNoLocalNode() {
    MachineEnvironment machine = machine(Map.of());
    GarageCli cli = new GarageCli(machine, console(new StringWriter(), new StringWriter()), "1");
    cli.run("-h", "h:1", "-s", "5e".repeat(32), "--help");

    assertThrows(GarageException.InvalidInput.class, () -> machine.localNode(cli.options()));
  }

  private Map<String, String> configure(String line) throws IOException {
    Path file = directory.resolve("garage.toml");
    Files.writeString(
        file,
        "metadata_dir = \"%s\"\nrpc_bind_addr = \"127.0.0.1:1\"\n%s\n"
            .formatted(directory.resolve("meta"), line));
    return Map.of("GARAGE_CONFIG_FILE", file.toString());
  }

  private static MachineEnvironment machine(Map<String, String> environment) {
    return new MachineEnvironment(
        new SystemHostFiles(), new SystemClock(), new SystemRandom(), environment);
  }

  private int run(Map<String, String> environment, String... arguments) {
    return run(machine(environment), arguments);
  }

  private int run(CliEnvironment machine, String... arguments) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    int code = new GarageCli(machine, console(outText, errText), "1").run(arguments);
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  private static Console console(StringWriter out, StringWriter err) {
    return new Console(
        InputStream.nullInputStream(), new PrintWriter(out), new PrintWriter(err), ZoneOffset.UTC);
  }
}
