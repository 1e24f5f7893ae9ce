package garage.cli;

import picocli.CommandLine.Option;

/** A command with {@code --help}; {@code -h} is the node to ask. */
abstract class AskingCommand implements Runnable {
  final Session session;

  @Option(names = "--help", usageHelp = true, description = "Show this help")
  boolean help;

  AskingCommand(Session session) {
    this.session = session;
  }
}
