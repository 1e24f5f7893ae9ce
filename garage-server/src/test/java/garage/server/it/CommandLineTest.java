package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import garage.http.Headers;
import garage.server.it.ServerUnderTest.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The user's guide, typed from its beginning: each test goes on where the one before ended. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandLineTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  static Path directory;

  private static ServerUnderTest server;

  @BeforeAll
  static void start() throws IOException {
    server = new ServerUnderTest(Launch.node(NodeFiles.in(directory).write())).start();
    String command =
        server.cliCommand().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    Path script = directory.resolve("garage");
    Files.writeString(script, "#!/bin/sh\nexec " + command + " \"$@\"\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  @Order(1)
  void aNewNodeHasNoRole() {
    List<String> lines = server.cli("status").succeeded().lines().toList();
    assertEquals("==== HEALTHY NODES ====", lines.get(0));
    assertTrue(lines.get(1).startsWith("ID "), lines.get(1));
    assertTrue(lines.get(2).contains("NO ROLE ASSIGNED"), lines.get(2));
    assertEquals(3, lines.size());
  }

  @Test
  @Order(2)
  void withoutALayoutTheServerSaysThatItCannotServeYet() throws Exception {
    Output created = server.cli("bucket", "create", "too-early");
    assertTrue(created.exitCode() == 1 && created.err().startsWith("Error: "), created.toString());
  }

  @Test
  @Order(3)
  void theGuidesPipelineInitializesTheCluster() {
    String script =
        """
        set -e
        NODE_ID=$(garage status 2>/dev/null | grep -A 2 "HEALTHY NODES" | tail -1 | awk '{print $1}')
        garage layout assign -z garage-dc -c 10G $NODE_ID
        garage layout show
        garage layout apply --version 1
        garage status
        """;
    String out =
        Output.of(
                List.of("bash", "-c", script),
                Map.of("PATH", directory + ":" + System.getenv("PATH")))
            .succeeded();
    String[] parts = out.split("==== HEALTHY NODES ====", -1);
    assertTrue(parts[0].contains("garage layout apply --version 1"), out);
    String row = parts[1].lines().skip(2).findFirst().orElseThrow();
    assertTrue(row.contains("garage-dc") && row.contains("10.0 GB"), row);
    assertFalse(parts[1].contains("NO ROLE ASSIGNED"), out);
  }

  @Test
  @Order(4)
  void nodeIdIsOneLineThatLayoutAssignTakes() {
    String id = server.cli("node", "id").succeeded();
    assertEquals(1, id.lines().count(), id);
    assertTrue(id.strip().matches("[0-9a-f]{64}(@.*)?"), id);
    server.cli("layout", "assign", "-z", "garage-dc", "-c", "20G", id.strip()).succeeded();
    assertTrue(server.cli("layout", "show").succeeded().contains("20.0 GB"));
    server.cli("layout", "revert", "--yes").succeeded();
    assertFalse(server.cli("layout", "show").succeeded().contains("20.0 GB"));
    server.cli("layout", "apply", "--version", "7").failed();
    assertTrue(server.cli("layout", "history").succeeded().contains("#1"));
  }

  @Test
  @Order(5)
  void theGuidesBucketAndKeyServeObjects() {
    server.cli("bucket", "create", "lakehouse").succeeded();
    String made = server.cli("key", "create", "lakehouse-access").succeeded();
    String id = after(made, "Access Key ID:");
    String secret = after(made, "Secret Access Key:");
    server
        .cli("bucket", "allow", "--read", "--write", "lakehouse", "--key", "lakehouse-access")
        .succeeded();
    try (S3Client s3 = server.client(id, secret)) {
      s3.putObject(
          b -> b.bucket("lakehouse").key("raw/customers.parquet"), RequestBody.fromString("PAR1"));
      assertEquals(
          "PAR1",
          s3.getObjectAsBytes(b -> b.bucket("lakehouse").key("raw/customers.parquet"))
              .asUtf8String());
    }
    assertTrue(server.cli("bucket", "list").succeeded().contains("lakehouse"));
    assertTrue(server.cli("key", "list").succeeded().contains(id));
    String info = server.cli("bucket", "info", "lakehouse").succeeded();
    assertTrue(info.contains(id) && info.contains("lakehouse-access"), info);
    assertFalse(server.cli("key", "info", "lakehouse-access").succeeded().contains(secret));
    assertTrue(
        server
            .cli("key", "info", "lakehouse-access", "--show-secret")
            .succeeded()
            .contains(secret));
  }

  @Test
  @Order(6)
  void whatReadsPrintsJsonToo() throws IOException {
    for (String[] command :
        new String[][] {
          {"status", "--json"},
          {"layout", "show", "--json"},
          {"layout", "history", "--json"},
          {"bucket", "list", "--json"},
          {"bucket", "info", "lakehouse", "--json"},
          {"key", "list", "--json"},
          {"key", "info", "lakehouse-access", "--json"},
          {"node", "id", "--json"},
          {"json-api", "GetClusterHealth"}
        }) {
      JsonNode json = JSON.readTree(server.cli(command).succeeded());
      assertTrue(json.isContainerNode() && !json.isEmpty(), String.join(" ", command));
    }
  }

  @Test
  @Order(7)
  void aBucketWithObjectsIsNotDeleted() {
    assertTrue(server.cli("bucket", "delete", "lakehouse").failed().contains("BucketNotEmpty"));
    server.cli("bucket", "create", "empty").succeeded();
    server.cli("bucket", "delete", "empty").succeeded();
    assertFalse(server.cli("bucket", "list").succeeded().contains("empty"));
  }

  @Test
  @Order(8)
  void aDeniedKeyAndADeletedKeyAreRefused() {
    String made = server.cli("key", "new", "--name", "passing").succeeded();
    String id = after(made, "Access Key ID:");
    try (S3Client s3 = server.client(id, after(made, "Secret Access Key:"))) {
      server.cli("bucket", "allow", "--read", "--key", "passing", "lakehouse").succeeded();
      assertEquals(1, s3.listObjectsV2(b -> b.bucket("lakehouse")).keyCount());
      server.cli("bucket", "deny", "--read", "lakehouse", "--key", "passing").succeeded();
      assertEquals("AccessDenied", code(s3));
      server.cli("key", "delete", "passing").succeeded();
      assertEquals("InvalidAccessKeyId", code(s3));
    }
  }

  @Test
  @Order(9)
  void aWrongClusterSecretIsRefusedAndNotRepeated() {
    String wrong = "6".repeat(64);
    String error = server.cli("--rpc-secret", wrong, "status").failed();
    assertTrue(error.startsWith("Error: ") && !error.contains(wrong), error);
    assertEquals(1, error.lines().count(), error);
    assertFalse(server.log().contains(wrong));
  }

  @Test
  @Order(10)
  void wordsThatMakeNoCommandPrintTheUsage() {
    String error = server.cli("bucket", "crate", "x").failed();
    assertTrue(error.startsWith("Error: ") && error.contains("create"), error);
  }

  @Test
  @Order(11)
  void aBucketIsServedAsAWebSite() {
    RawHttp web = new RawHttp(server.files().ports().web());
    byte[] visit =
        RawHttp.head(
            "GET", "/page", Headers.of("Host", "lakehouse.web.test", "Connection", "close"));
    assertEquals(404, web.exchange(visit).status());
    try (S3Client s3 = server.client(ServerUnderTest.KEY_ID, ServerUnderTest.SECRET_KEY)) {
      server.cli("key", "import", "--yes", ServerUnderTest.KEY_ID, ServerUnderTest.SECRET_KEY);
      server.cli("bucket", "allow", "--write", "lakehouse", "--key", ServerUnderTest.KEY_ID);
      s3.putObject(b -> b.bucket("lakehouse").key("page"), RequestBody.fromString("hello"));
    }
    String info = server.cli("bucket", "website", "--allow", "lakehouse").succeeded();
    assertTrue(info.contains("Website access:"), info);
    RawHttp.Reply reply = web.exchange(visit);
    assertEquals(200, reply.status());
    assertEquals("hello", reply.body());
    RawHttp admin = new RawHttp(server.files().ports().admin());
    byte[] check =
        RawHttp.head(
            "GET",
            "/check?domain=lakehouse.web.test",
            Headers.of("Host", "a", "Connection", "close"));
    assertEquals(200, admin.exchange(check).status());
    server.cli("bucket", "website", "--deny", "lakehouse").succeeded();
    assertEquals(404, web.exchange(visit).status());
  }

  @Test
  @Order(12)
  void aCommandToANodeThatDoesNotRunSaysSo() {
    server.kill();
    String error = server.cli("status").failed();
    assertTrue(error.startsWith("Error: "), error);
    assertEquals(1, error.lines().count(), error);
  }

  private static String code(S3Client s3) {
    try {
      s3.listObjectsV2(b -> b.bucket("lakehouse"));
      return "none";
    } catch (S3Exception e) {
      return e.awsErrorDetails().errorCode();
    }
  }

  private static String after(String text, String label) {
    return text.lines()
        .filter(line -> line.startsWith(label))
        .map(line -> line.substring(label.length()).strip())
        .findFirst()
        .orElseThrow(() -> new AssertionError(label + " is not in\n" + text));
  }
}
