package garage.server.process;

import garage.cli.Console;
import garage.cli.GlobalOptions;
import garage.common.error.GarageException;
import garage.server.command.MachineEnvironment;
import garage.server.config.ConfigLoader;
import garage.server.config.GarageConfig;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code garage server}: runs a node until it is told to stop. */
@Command(name = "server", description = "Run a node")
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = "--single-node",
      description =
          "A node alone: makes its configuration, layout, bucket and key on the first start")
  boolean singleNode;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "With --single-node: where everything is kept (default: ./garage-data)")
  @Nullable String dataDir;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "With --single-node: the address at which it is made to serve clients; 0.0.0.0 or"
              + " :: for all (default: 127.0.0.1)")
  @Nullable String host;

  @Option(names = "--help", usageHelp = true, description = "Show this help")
  boolean help;

  private final MachineEnvironment machine;
  private final GlobalOptions options;
  private final Map<String, String> variables;
  private final Console console;

  ServerCommand(
      MachineEnvironment machine,
      GlobalOptions options,
      Map<String, String> variables,
      Console console) {
    this.machine = machine;
    this.options = options;
    this.variables = Map.copyOf(variables);
    this.console = console;
  }

  @Override
  public Integer call() {
    if ((dataDir != null || host != null) && !singleNode) {
      throw new GarageException.InvalidInput("--data-dir and --host go with --single-node");
    }
    ConfigLoader loader = machine.loader(options);
    String path =
        singleNode && machine.overrides(options).get("config") == null
            ? SingleNodeFiles.prepare(
                dataDir == null ? "garage-data" : dataDir, host == null ? "127.0.0.1" : host)
            : loader.path();
    GarageConfig config = loader.load(path, singleNode);
    try (ServerProcess process = new ServerProcess(config, variables)) {
      process.start();
      String introduction = singleNode ? process.introduce(path) : "";
      process.serve();
      console.out().print(introduction);
      console.out().flush();
      process.awaitSignal();
    }
    return 0;
  }
}
