package garage.cli;

import garage.admin.api.NodeRequest.LaunchRepairOperation;
import garage.admin.api.NodeRequest.RepairBody;
import garage.admin.api.RepairType;
import garage.admin.api.RepairType.ScrubCommand;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garage repair}: begins to look for something wrong, and to mend it. */
@Command(description = "Look for something that is wrong, and mend it")
final class RepairCommand extends NodeCommand {
  private static final Map<String, RepairType> KINDS =
      new TreeMap<>(
          Map.of(
              "tables", new RepairType.Tables(),
              "blocks", new RepairType.Blocks(),
              "versions", new RepairType.Versions(),
              "mpu", new RepairType.MultipartUploads(),
              "aliases", new RepairType.Aliases(),
              "block-refs", new RepairType.BlockRefs(),
              "block-rc", new RepairType.BlockRc(),
              "rebalance", new RepairType.Rebalance()));
  private static final Map<String, ScrubCommand> SCRUB =
      Map.of(
          "start", new ScrubCommand.Start(),
          "pause", new ScrubCommand.Pause(),
          "resume", new ScrubCommand.Resume(),
          "cancel", new ScrubCommand.Cancel());

  @Option(names = "--yes", description = "Yes, begin: it costs reading and writing")
  boolean yes;

  @Parameters(index = "0", paramLabel = "WHAT", description = "tables, blocks, scrub, …")
  String what = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ACTION",
      description = "Of scrub: start, pause, resume or cancel")
  @Nullable String action;

  RepairCommand(Session session) {
    super(session);
  }

  @Override
  public void run() {
    RepairType type = type();
    if (!yes) {
      throw new CommandFailed("a repair reads and writes much: add --yes to begin it");
    }
    showEach(
        new LaunchRepairOperation(nodes.pattern(), new RepairBody(type)),
        (id, _) -> id(id) + "  Repair launched\n");
  }

  private RepairType type() {
    if (what.equals("scrub")) {
      ScrubCommand command = SCRUB.get(action == null ? "start" : action.toLowerCase(Locale.ROOT));
      if (command == null) {
        throw new CommandFailed("a scrub is to start, pause, resume or cancel, not " + action);
      }
      return new RepairType.Scrub(command);
    }
    RepairType type = KINDS.get(what);
    if (type == null || action != null) {
      throw new CommandFailed(
          "what can be repaired is: " + String.join(", ", KINDS.keySet()) + ", scrub");
    }
    return type;
  }
}
