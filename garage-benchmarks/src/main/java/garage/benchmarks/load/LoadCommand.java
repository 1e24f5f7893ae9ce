package garage.benchmarks.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Loads a running server and prints what it does. Objects it makes stay in the bucket. */
@Command(name = "bench", mixinStandardHelpOptions = true, showDefaultValues = true)
final class LoadCommand implements Callable<Integer> {
  private static final double QUICK_SECONDS = 1;
  private static final double QUICK_PRIME_SECONDS = 6;
  private static final int QUICK_LIST_KEYS = 10_000;
  private static final int LIST_KEYS = 100_000;
  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin ServerOptions server = new ServerOptions();

  @Option(names = "--bucket", description = "A bucket the key may write to")
  String bucket = "bench";

  @Option(names = "--data-dir", description = "Where syncs are measured: the server's disk")
  @Nullable Path dataDir;

  @Option(names = "--seconds", description = "How long each measurement takes")
  double seconds = 5;

  @Option(names = "--warm-up", description = "Seconds of the same load before each")
  double warmUp = 2;

  @Option(names = "--limit-seconds", description = "For each of the machine's own limits")
  double limitSeconds = 0.7;

  @Option(names = "--prime", description = "Seconds of load first, for the server's compiler")
  double prime = 15;

  @Option(names = "--quick", description = "A second each, and fewer keys to list")
  boolean quick;

  @Option(names = "--only", split = ",", description = "put, get, head, range, delete, list")
  @Nullable List<String> only;

  @Option(names = "--sizes", split = ",", description = "4KiB, 64KiB, 1MiB, 64MiB")
  @Nullable List<String> sizes;

  @Option(names = "--concurrency", split = ",", description = "Connections at once")
  List<Integer> concurrency = List.of(1, 16, 64);

  @Option(names = "--list-keys", description = "Keys of the large bucket that is listed")
  int listKeys = LIST_KEYS;

  @Option(names = "--compressible", description = "Rows of a table in place of random bytes")
  boolean compressible;

  @Option(names = "--json", description = "A file for the figures as lines of JSON")
  @Nullable Path json;

  /** The process ends with 1 if any request failed. */
  public static void main(String[] arguments) {
    System.exit(execute(new PrintWriter(System.out, true, StandardCharsets.UTF_8), arguments));
  }

  static int execute(PrintWriter out, String... arguments) {
    CommandLine line = new CommandLine(new LoadCommand());
    line.setOut(out);
    line.setErr(out);
    return line.execute(arguments);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (PrintWriter lines =
        json == null ? null : new PrintWriter(json.toFile(), StandardCharsets.UTF_8)) {
      Report report = new Report(out, lines);
      Servers servers = server.servers();
      Path disk = dataDir == null ? Path.of(System.getProperty("java.io.tmpdir")) : dataDir;
      Files.createDirectories(disk);
      Plan.Choice choice = choice();
      report.limits(MachineLimits.measure(disk, nanos(limitSeconds)));
      if (servers != null) {
        report.idle("before the load", servers.residentBytes());
      }
      report.heading();
      Plan.Subject subject =
          new Plan.Subject(server.targets(), bucket, servers, new MetricsPages(server.adminPorts));
      new Plan(choice, subject, report).run();
      if (servers != null) {
        report.idle("after the load", servers.residentBytes());
      }
      return report.errors() == 0 ? 0 : 1;
    } catch (RequestFailed | IllegalArgumentException e) {
      out.println("Error: " + e.getMessage());
      return 1;
    }
  }

  private Plan.Choice choice() {
    Set<Operation> operations = EnumSet.allOf(Operation.class);
    if (only != null) {
      operations.retainAll(only.stream().map(Operation::parse).toList());
    }
    List<ObjectSize> chosen =
        sizes == null
            ? Arrays.asList(ObjectSize.values())
            : sizes.stream().map(ObjectSize::parse).toList();
    if (operations.equals(EnumSet.of(Operation.LIST))) {
      chosen = List.of();
    }
    return new Plan.Choice(
        operations,
        chosen,
        concurrency,
        new Plan.Times(
            nanos(quick ? Math.min(prime, QUICK_PRIME_SECONDS) : prime),
            nanos(quick ? Math.min(warmUp, QUICK_SECONDS / 2) : warmUp),
            nanos(quick ? Math.min(seconds, QUICK_SECONDS) : seconds)),
        quick ? Math.min(listKeys, QUICK_LIST_KEYS) : listKeys,
        compressible);
  }

  private static Duration nanos(double value) {
    return Duration.ofNanos((long) (value * 1e9));
  }
}
