package garage.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole command against a server that verifies what it is sent. */
class LoadCommandTest {
  @TempDir Path directory;

  private final FakeS3 server = new FakeS3();
  private final StringWriter out = new StringWriter();
  private double primeSeconds;

  @AfterEach
  void stop() {
    server.close();
  }

  private int run(String... more) {
    return runAs(FakeS3.CREDENTIALS.secretKey(), more);
  }

  private int runAs(String secret, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--port=" + server.port(),
                "--access-key=" + FakeS3.CREDENTIALS.accessKeyId(),
                "--secret-key=" + secret,
                "--data-dir=" + directory,
                "--limit-seconds=0.01",
                "--seconds=0.05",
                "--warm-up=0.01",
                "--prime=" + primeSeconds));
    arguments.addAll(List.of(more));
    return LoadCommand.execute(new PrintWriter(out, true), arguments.toArray(String[]::new));
  }

  private List<String> rows(String operation) {
    return out.toString().lines().filter(l -> l.startsWith(operation + " ")).toList();
  }

  @Test
  void everyOperationIsSignedRightlyAndMeasuredOnceForEachConcurrency() throws IOException {
    Path json = directory.resolve("figures.jsonl");

    int status =
        run("--sizes=4KiB,1MiB", "--concurrency=1,3", "--list-keys=2000", "--json=" + json);

    assertEquals(0, status, out::toString);
    for (String operation : List.of("put", "get", "head", "delete", "list")) {
      assertEquals(4, rows(operation).size(), () -> operation + " in " + out);
    }
    assertEquals(2, rows("range").size(), "only of the larger size");
    List<String> lines = Files.readAllLines(json);
    assertEquals(22 + 1, lines.size(), "a line for each row, and the limits");
    assertTrue(lines.stream().allMatch(l -> l.startsWith("{") && l.endsWith("}")));
  }

  @Test
  void objectsInPartsAreReadBackWhole() {
    int status = run("--sizes=64MiB", "--concurrency=3", "--only=put,get,range");

    assertEquals(0, status, out::toString);
    assertTrue(server.objects.values().stream().allMatch(o -> o.length == 64 << 20));
    assertEquals(1, rows("get").size(), out::toString);
  }

  @Test
  void primingUsesObjectsOfItsOwnThatAreNotMeasured() {
    primeSeconds = 0.01;

    int status = run("--sizes=4KiB", "--concurrency=1", "--only=put");

    assertEquals(0, status, out::toString);
    assertTrue(server.objects.keySet().stream().anyMatch(k -> k.startsWith("/bench/prime/1MiB/")));
    assertEquals(1, rows("put").size(), out::toString);
    assertEquals(0, rows("get").size(), out::toString);
  }

  @Test
  void theServersProcessIsMeasuredIfItIsKnown() {
    int status =
        run(
            "--sizes=4KiB",
            "--concurrency=1",
            "--only=put",
            "--server-pid=" + ProcessHandle.current().pid());

    assertEquals(0, status, out::toString);
    assertTrue(out.toString().contains("the server before the load: "), out::toString);
    assertTrue(rows("put").stream().noneMatch(r -> r.contains(" - ")), out::toString);
  }

  @Test
  void wrongBytesAreFound() {
    server.corrupts = true;

    assertEquals(1, run("--sizes=64KiB", "--concurrency=1", "--only=put,get"));
    assertTrue(out.toString().contains("wrong bytes"), out::toString);
  }

  @Test
  void refusedRequestsAreCountedAndShown() {
    server.refuses = true;

    assertEquals(1, run("--sizes=4KiB", "--concurrency=2", "--only=put"));
    assertTrue(out.toString().contains("503 SlowDown"), out::toString);
  }

  @Test
  void refusedPartsEndTheirUploadAndNotTheRun() {
    server.refuses = true;

    assertEquals(1, run("--sizes=64MiB", "--concurrency=3", "--only=put"));
    assertTrue(out.toString().contains("the upload did not begin"), out::toString);
  }

  @Test
  void aWrongSecretIsAnError() {
    int status = runAs("other", "--sizes=4KiB", "--concurrency=1", "--only=put");

    assertEquals(1, status, out::toString);
    assertTrue(out.toString().contains(" 403 "), out::toString);
  }

  @Test
  void anUnknownSizeIsAnError() {
    assertTrue(run("--sizes=5KiB") != 0);
    assertTrue(out.toString().contains("5KiB"), out::toString);
  }
}
