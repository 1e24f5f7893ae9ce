package garage.benchmarks.load;

import garage.http.sigv4.Credentials;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what things cost that are to cost nearly the same. */
@Command(name = "bench --pairs", mixinStandardHelpOptions = true, showDefaultValues = true)
final class PairCommand implements Callable<Integer> {
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

  @Option(names = "--of", split = ",", description = "versions, sse-c")
  List<String> subjects = List.of("versions", "sse-c");

  @Option(names = "--versions", description = "Of the key that has many")
  int versions = 10_000;

  @Option(names = "--keys", description = "That have a thousand versions each")
  int keys = 100;

  @Option(names = "--concurrency", description = "Connections at once")
  int concurrency = 1;

  @Option(names = "--rounds", description = "Turns of half a second of each of a pair")
  int rounds = 21;

  @Option(names = "--warm-up", description = "Seconds of each of a pair before its turns")
  double warmUp = 2;

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new CommandLine(new PairCommand()).setOut(out).setErr(out).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<Connection.Target> targets =
        List.of(
            new Connection.Target(
                "127.0.0.1", port, "garage", new Credentials(accessKey, secretKey)));
    List<Pair> pairs = new ArrayList<>();
    if (subjects.contains("versions")) {
      pairs.addAll(new VersionPairs(targets, versions, keys).make());
    }
    if (subjects.contains("sse-c")) {
      pairs.addAll(new CipherPairs(targets).make());
    }
    PairTurns turns = new PairTurns(targets, new ServerProcess(serverPid), concurrency, rounds);
    out.printf("%-58s %10s %10s %7s%n", "server CPU, ms an operation", "base", "other", "ratio");
    for (Pair pair : pairs) {
      PairTurns.Result result =
          turns.measure(pair, Duration.ofNanos((long) (warmUp * Duration.ofSeconds(1).toNanos())));
      out.printf(
          "%-58s %10.3f %10.3f %7.2f%n",
          pair.name(), result.baseMillis(), result.otherMillis(), result.ratio());
    }
    return 0;
  }
}
