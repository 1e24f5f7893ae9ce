package garage.benchmarks.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints what things cost that are to cost nearly the same. */
@Command(name = "bench --pairs", mixinStandardHelpOptions = true, showDefaultValues = true)
final class PairCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin ServerOptions server = new ServerOptions();

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
    List<Connection.Target> targets = server.targets();
    Servers servers = server.servers();
    if (servers == null) {
      throw new ParameterException(spec.commandLine(), "--server-pid is needed");
    }
    List<Pair> pairs = new ArrayList<>();
    if (subjects.contains("versions")) {
      pairs.addAll(new VersionPairs(targets, versions, keys).make());
    }
    if (subjects.contains("sse-c")) {
      pairs.addAll(new CipherPairs(targets).make());
    }
    PairTurns turns = new PairTurns(targets, servers, concurrency, rounds);
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
