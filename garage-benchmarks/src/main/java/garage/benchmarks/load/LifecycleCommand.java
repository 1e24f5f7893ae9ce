package garage.benchmarks.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What clients feel of a lifecycle that deletes all it can: requests at a steady rate, half GET and
 * half PUT of 4 KiB, in turns with the rule and without. A request is due at its time, whether the
 * one before has ended or not, and takes as long as from then. The server's {@code
 * lifecycle_day_seconds} is to be {@code --day}.
 */
@Command(name = "bench --lifecycle", mixinStandardHelpOptions = true, showDefaultValues = true)
final class LifecycleCommand implements Callable<Integer> {
  private static final String BUCKET = "/bench";
  private static final int CLIENT_BYTES = 4096;
  private static final int CLIENT_KEYS = 1000;
  private static final int DUE_BYTES = 100;
  private static final int MAKERS = 16;
  private static final ResponseReader.Sink NOWHERE = (position, bytes, at, count) -> {};

  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin ServerOptions server = new ServerOptions();

  @Option(names = "--data-dir", hidden = true)
  String dataDir = "";

  @Option(names = "--objects", description = "That are due")
  int objects = 100_000;

  @Option(names = "--rate", description = "Requests a second")
  int rate = 200;

  @Option(names = "--concurrency", description = "Connections that send them")
  int concurrency = 8;

  @Option(names = "--seconds", description = "Of each turn")
  int seconds = 15;

  @Option(names = "--turns", description = "Of each kind")
  int turns = 6;

  @Option(names = "--day", description = "Seconds of a day, as the server has it")
  int day = 4;

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new CommandLine(new LifecycleCommand()).setOut(out).setErr(out).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Latencies without = new Latencies();
    Latencies beside = new Latencies();
    long deleted = 0;
    try (Connection control = new Connection(server.targets().getFirst());
        Load load = new Load(server.targets(), concurrency)) {
      make();
      run(load, Math.max(seconds, 10)); // the server's compiler
      for (int turn = 0; turn < turns; turn++) {
        without.add(run(load, seconds));
        rule(control, true);
        Thread.sleep(Duration.ofSeconds(2L * day));
        int before = firstLeft(control);
        beside.add(run(load, seconds));
        deleted += firstLeft(control) - before;
        rule(control, false);
        Thread.sleep(Duration.ofSeconds(1));
        out.printf("turn %d: %s; with the rule %s%n", turn + 1, text(without), text(beside));
      }
    }
    out.printf(
        "%d of %d deleted, %d a second; p99 with the rule %.3f of that without%n",
        deleted,
        objects,
        deleted / ((long) turns * seconds),
        (double) beside.percentileNanos(0.99) / without.percentileNanos(0.99));
    return 0;
  }

  private void make() throws InterruptedException {
    byte[] small = new byte[DUE_BYTES];
    byte[] large = new byte[CLIENT_BYTES];
    AtomicInteger next = new AtomicInteger();
    try (Load makers = new Load(server.targets(), MAKERS)) {
      Load.Outcome made =
          makers.run(
              (connection, recorder, mayBegin) -> {
                int n = next.getAndIncrement();
                if (n >= objects + CLIENT_KEYS) {
                  return false;
                }
                boolean due = n < objects;
                Request put = Request.of("PUT", due ? due(n) : client(n - objects));
                connection.exchange(put, due ? small : large, NOWHERE);
                return true;
              },
              Duration.ofHours(1));
      check(made);
    }
  }

  /** Every request is due at a time of its own, whichever connection is free to send it. */
  private Latencies run(Load load, int time) throws InterruptedException {
    byte[] body = new byte[CLIENT_BYTES];
    long begin = System.nanoTime();
    AtomicInteger next = new AtomicInteger();
    Load.Outcome outcome =
        load.run(
            (connection, recorder, mayBegin) -> {
              int n = next.getAndIncrement();
              if (n >= rate * time) {
                return false;
              }
              long due = begin + n * Duration.ofSeconds(1).toNanos() / rate;
              pauseUntil(due);
              String key = client(n / 2 % CLIENT_KEYS);
              if (n % 2 == 0) {
                connection.exchange(Request.of("PUT", key), body, NOWHERE);
              } else {
                connection.exchange(Request.of("GET", key), NOWHERE);
              }
              recorder.done(due, CLIENT_BYTES);
              return true;
            },
            Duration.ofSeconds(2L * time));
    check(outcome);
    return outcome.recorder().latencies();
  }

  private static void pauseUntil(long nanos) throws IOException {
    try {
      Thread.sleep(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void check(Load.Outcome outcome) {
    if (outcome.recorder().errors() > 0) {
      throw new RequestFailed("failed: " + outcome.recorder().messages());
    }
  }

  private static void rule(Connection connection, boolean on) throws IOException {
    String document =
        "<LifecycleConfiguration><Rule><ID>due</ID><Status>Enabled</Status><Filter><Prefix>due/"
            + "</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule>"
            + "</LifecycleConfiguration>";
    Request request = Request.of(on ? "PUT" : "DELETE", BUCKET).withQuery("lifecycle=");
    byte[] body = on ? document.getBytes(StandardCharsets.US_ASCII) : new byte[0];
    connection.exchange(request, body, NOWHERE);
  }

  /** They are deleted in the order of their keys: the number of the first that is there. */
  private int firstLeft(Connection connection) throws IOException {
    int from = 0;
    int to = objects;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (isThere(connection, due(middle))) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  private static boolean isThere(Connection connection, String path) throws IOException {
    try {
      connection.exchange(Request.of("HEAD", path), NOWHERE);
      return true;
    } catch (RequestFailed e) {
      return false;
    }
  }

  private static String due(int number) {
    return "%s/due/%08d".formatted(BUCKET, number);
  }

  private static String client(int number) {
    return "%s/client/%08d".formatted(BUCKET, number);
  }

  private static String text(Latencies latencies) {
    return List.of(0.5, 0.95, 0.99).stream()
        .map(share -> "%.2f".formatted(latencies.percentileNanos(share) / 1e6))
        .reduce((one, other) -> one + " / " + other)
        .orElseThrow()
        .concat(" ms");
  }
}
