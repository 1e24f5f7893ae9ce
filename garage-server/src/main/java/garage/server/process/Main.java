package garage.server.process;

import garage.cli.Console;
import garage.cli.GarageCli;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemHostFiles;
import garage.common.env.system.SystemRandom;
import garage.server.Version;
import garage.server.command.MachineEnvironment;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;

/** The {@code garage} command: the server, and the commands to a running one. */
public final class Main {
  private Main() {}

  /** Runs the command; the process ends with its exit code. */
  public static void main(String[] arguments) {
    Console console =
        new Console(System.in, writer(System.out), writer(System.err), ZoneId.systemDefault());
    MachineEnvironment machine =
        new MachineEnvironment(
            new SystemHostFiles(), new SystemClock(), new SystemRandom(), System.getenv());
    GarageCli cli = new GarageCli(machine, console, Version.NUMBER);
    cli.with("server", new ServerCommand(machine, cli.options(), System.getenv(), console));
    System.exit(cli.run(arguments));
  }

  private static PrintWriter writer(PrintStream stream) {
    Writer utf8 = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
    return new PrintWriter(utf8, true);
  }
}
