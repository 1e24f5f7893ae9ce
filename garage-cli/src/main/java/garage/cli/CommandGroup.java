package garage.cli;

import picocli.CommandLine.Option;

/** A command that only holds others. */
abstract class CommandGroup {
  @Option(names = "--help", usageHelp = true, description = "Show this help")
  boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version")
  boolean version;
}
