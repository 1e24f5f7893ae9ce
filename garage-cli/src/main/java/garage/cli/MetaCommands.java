package garage.cli;

import garage.admin.api.NodeAnswers;
import garage.admin.api.NodeRequest;
import garage.admin.api.NodeRequest.CreateMetadataSnapshot;
import garage.admin.api.NodeResponse;
import garage.common.text.TextTable;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code garage meta …}: the metadata of nodes. */
final class MetaCommands {
  private MetaCommands() {}

  static CommandGroup group(Session session) {
    return new Group().with("snapshot", () -> new Snapshot(session));
  }

  @Command(name = "meta", description = "The metadata of nodes")
  private static final class Group extends CommandGroup {}

  @Command(description = "Take a copy of the metadata, to go back to")
  private static final class Snapshot extends VersionedCommand {
    @Option(
        names = {"-a", "--all"},
        description = "On every node")
    boolean all;

    Snapshot(Session session) {
      super(session);
    }

    @Override
    public void run() {
      NodeAnswers<NodeResponse.Done> answers =
          session.call(new CreateMetadataSnapshot(all ? NodeRequest.ALL : NodeRequest.SELF));
      TreeMap<String, String> results = new TreeMap<>();
      answers.success().keySet().forEach(id -> results.put(id, "Snapshot created"));
      answers.error().forEach((id, reason) -> results.put(id, "Error: " + reason));
      TextTable table = new TextTable().row("Node", "Result");
      results.forEach((id, result) -> table.row(NodeCommand.id(id), result));
      session.print(table.toString());
      if (!answers.error().isEmpty()) {
        throw new CommandFailed(
            answers.error().size() + " of " + results.size() + " nodes took no snapshot");
      }
    }
  }
}
