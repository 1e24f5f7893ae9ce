package garage.cli;

import garage.admin.api.AdminFailure;
import garage.common.error.GarageException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;

/**
 * The command line. Exit code 0 means done; anything else is 1, with one line {@code Error: …} on
 * standard error, or the usage where the words make no command. What a command answers goes to
 * standard output and nothing else does.
 */
public final class GarageCli {
  private static final String NO_OFFLINE_REPAIR =
      "counters are changed in the batch that changes what they count, so there is nothing to"
          + " repair offline; `garage repair` mends everything else while the node runs";
  private static final String NO_CONVERSION =
      "metadata is kept in one engine only, so there is nothing to convert; `garage meta snapshot`"
          + " copies it";

  private final Console console;
  private final GlobalOptions options = new GlobalOptions();
  private final Session session;
  private final CommandGroup root = new Root();
  private final String version;

  /** {@code version} is what {@code --version} prints. */
  public GarageCli(CliEnvironment environment, Console console, String version) {
    this.console = console;
    this.session = new Session(environment, console, options);
    this.version = version;
    root.with("status", () -> new StatusCommand(session))
        .with("node", () -> NodeCommands.group(session))
        .with("layout", () -> LayoutCommands.group(session))
        .with("bucket", () -> BucketCommands.group(session))
        .with("key", () -> KeyCommands.group(session))
        .with("admin-token", () -> TokenCommands.group(session))
        .with("stats", () -> new StatsCommand(session))
        .with("worker", () -> WorkerCommands.group(session))
        .with("block", () -> BlockCommands.group(session))
        .with("repair", () -> new RepairCommand(session))
        .with("meta", () -> MetaCommands.group(session))
        .with("json-api", () -> new JsonApiCommand(session))
        .with("offline-repair", () -> new RefusedCommand(session, NO_OFFLINE_REPAIR))
        .with("convert-db", () -> new RefusedCommand(session, NO_CONVERSION));
  }

  /** The options before the command, once {@link #run} has parsed them. */
  public GlobalOptions options() {
    return options;
  }

  /** Adds a command that is not one of these; annotated for picocli. */
  public GarageCli with(String name, Object command) {
    root.with(name, () -> command);
    return this;
  }

  /** Runs a command and answers the exit code. */
  public int run(String... arguments) {
    CommandLine commands = root.build(Set.copyOf(Arrays.asList(arguments)));
    commands.addMixin("options", options);
    versionAll(commands, "garage " + version);
    commands
        .setOut(console.out())
        .setErr(console.err())
        .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
        .setParameterExceptionHandler(this::usage)
        .setExecutionExceptionHandler((e, command, parsed) -> failed(e));
    try (session) {
      return commands.execute(arguments);
    } finally {
      console.out().flush();
      console.err().flush();
    }
  }

  private int usage(ParameterException e, String[] arguments) {
    PrintWriter err = console.err();
    err.println("Error: " + e.getMessage());
    err.println();
    e.getCommandLine().usage(err);
    return 1;
  }

  private int failed(Exception e) throws Exception {
    String message =
        switch (e) {
          case CommandFailed failure -> failure.getMessage();
          case AdminFailure failure ->
              failure.error().code()
                  + " ("
                  + failure.error().status()
                  + "): "
                  + failure.error().message();
          case GarageException failure -> failure.getMessage();
          default -> throw e; // a bug: its trace is wanted
        };
    console.out().flush();
    console.err().println("Error: " + message);
    return 1;
  }

  private static void versionAll(CommandLine command, String version) {
    command.getCommandSpec().version(version).exitCodeOnInvalidInput(1);
    command.getSubcommands().values().forEach(inner -> versionAll(inner, version));
  }

  @Command(
      name = "garage",
      description = "S3-compatible object store",
      synopsisSubcommandLabel = "COMMAND",
      sortOptions = false)
  private static final class Root extends CommandGroup {}
}
