package garage.benchmarks.load;

import garage.http.sigv4.Credentials;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Large objects in a small heap: what registries of container images do, which push several layers
 * of a gigabyte at once in parts, and backups of databases, one file of several gigabytes in one
 * request. Every byte is read back and compared.
 */
@Command(name = "bench --large", mixinStandardHelpOptions = true, showDefaultValues = true)
final class LargeCommand implements Callable<Integer> {
  private static final long MEBIBYTE = 1 << 20;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "--port", description = "The port of the S3 API")
  int port = 3900;

  @Option(names = "--access-key", defaultValue = "${env:AWS_ACCESS_KEY_ID}", required = true)
  String accessKey = "";

  @Option(names = "--secret-key", defaultValue = "${env:AWS_SECRET_ACCESS_KEY}", required = true)
  String secretKey = "";

  @Option(names = "--server-pid", required = true, description = "The server's process")
  long serverPid;

  @Option(names = "--data-dir", hidden = true)
  String dataDir = "";

  @Option(names = "--layers", description = "Objects sent in parts at the same time")
  int layers = 10;

  @Option(names = "--layer", description = "MiB of each")
  int layerMebibytes = 1024;

  @Option(names = "--part", description = "MiB of its parts")
  int partMebibytes = 10;

  @Option(names = "--single", description = "MiB of the object that goes in one request")
  int singleMebibytes = 3700;

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new CommandLine(new LargeCommand()).setOut(out).setErr(out).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ServerProcess server = new ServerProcess(serverPid);
    Credentials credentials = new Credentials(accessKey, secretKey);
    try (LargeObjects objects = new LargeObjects(port, "bench", credentials)) {
      if (layers > 0) {
        String what = layers + " of " + layerMebibytes + " MiB at once, in parts";
        measure("PUT " + what, layers, server, n -> putLayer(objects, n));
        measure("GET " + what, layers, server, n -> objects.check(layer(n), content(n)));
      }
      if (singleMebibytes > 0) {
        LargeContent content = new LargeContent(layers, singleMebibytes * MEBIBYTE);
        String what = singleMebibytes + " MiB in one request";
        measure("PUT " + what, 1, server, _ -> objects.put("single", content));
        measure("GET " + what, 1, server, _ -> objects.check("single", content));
      }
      return 0;
    } catch (RequestFailed e) {
      spec.commandLine().getOut().println("Error: " + e.getMessage());
      return 1;
    }
  }

  private void putLayer(LargeObjects objects, int number) throws IOException, InterruptedException {
    objects.putInParts(layer(number), content(number), partMebibytes * MEBIBYTE);
  }

  private LargeContent content(int number) {
    return new LargeContent(number, layerMebibytes * MEBIBYTE);
  }

  private static String layer(int number) {
    return "layer-" + number;
  }

  /** What is done for one of several objects. */
  private interface Step {
    void of(int number) throws IOException, InterruptedException;
  }

  private void measure(String what, int count, ServerProcess server, Step step)
      throws IOException, InterruptedException {
    server.resetPeak();
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        running.add(
            threads.submit(() -> {
              step.of(number);
              return null;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new RequestFailed(what + ": " + e.getCause());
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%-44s %5d s, the server's memory at most %d MiB%n",
            what,
            Duration.ofNanos(System.nanoTime() - start).toSeconds(),
            server.peakResidentBytes() / MEBIBYTE);
  }
}
