package garage.cli;

import garage.admin.api.AdminClient;
import garage.common.env.Clock;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;

/** What a command printed and how it ended, against a {@link FakeDaemon}. */
record CommandRun(int exitCode, String out, String err) {
  static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  static CommandRun of(FakeDaemon daemon, String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console console =
        new Console(
            new ByteArrayInputStream("".getBytes(StandardCharsets.UTF_8)),
            new PrintWriter(out),
            new PrintWriter(err),
            ZoneOffset.UTC);
    int exitCode = new GarageCli(new Environment(daemon), console, "9.9").run(words);
    return new CommandRun(exitCode, out.toString(), err.toString());
  }

  private record Environment(FakeDaemon daemon) implements CliEnvironment {
    @Override
    public AdminClient connect(GlobalOptions options) {
      return daemon;
    }

    @Override
    public LocalNode localNode(GlobalOptions options) {
      return new LocalNode("0a".repeat(32), null);
    }

    @Override
    public Clock clock() {
      return new StoppedClock(NOW);
    }
  }
}
