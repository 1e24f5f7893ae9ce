package garage.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * A command that only holds others. Those are made when the words of the command line name them, or
 * all of them where it names none: to describe every command by reflection would take most of the
 * time that a single one runs.
 */
abstract class CommandGroup {
  private final Map<String, Supplier<?>> members = new LinkedHashMap<>();
  private final Map<String, String> aliases = new LinkedHashMap<>();

  @Option(names = "--help", usageHelp = true, description = "Show this help")
  boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version")
  boolean version;

  /** Adds a command, or a group of them. */
  final CommandGroup with(String name, Supplier<?> member) {
    members.put(name, member);
    return this;
  }

  /** Gives a command another name. */
  final CommandGroup alias(String name, String alias) {
    aliases.put(alias, name);
    return this;
  }

  /** The command with those of its members that {@code words} name. */
  final CommandLine build(Set<String> words) {
    CommandLine line = new CommandLine(this);
    boolean all =
        members.keySet().stream().noneMatch(words::contains)
            && aliases.keySet().stream().noneMatch(words::contains);
    members.forEach((name, member) -> {
      String[] others =
          aliases.keySet().stream()
              .filter(alias -> name.equals(aliases.get(alias)))
              .toArray(String[]::new);
      boolean named = words.contains(name);
      for (String other : others) {
        named |= words.contains(other);
      }
      if (all || named) {
        Object command = member.get();
        line.addSubcommand(
            name, command instanceof CommandGroup group ? group.build(words) : command, others);
      }
    });
    return line;
  }
}
