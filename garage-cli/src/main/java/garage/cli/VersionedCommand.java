package garage.cli;

import picocli.CommandLine.Option;

/** A command with {@code --version} as well, which it has no other use for. */
abstract class VersionedCommand extends AskingCommand {
  @Option(names = "--version", versionHelp = true, description = "Show the version")
  boolean version;

  VersionedCommand(Session session) {
    super(session);
  }
}
