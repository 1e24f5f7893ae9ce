package garage.cli;

import garage.admin.api.ClusterRequest.ConnectClusterNodes;
import garage.admin.api.ClusterResponse.Connection;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garage node …}. */
final class NodeCommands {
  private NodeCommands() {}

  static CommandGroup group(Session session) {
    return new Group()
        .with("id", () -> new Id(session))
        .with("connect", () -> new Connect(session));
  }

  @Command(name = "node", description = "The nodes themselves")
  private static final class Group extends CommandGroup {}

  @Command(description = "Print this machine's node, without asking it")
  private static final class Id extends VersionedCommand {
    @Option(
        names = {"-q", "--quiet"},
        description = "Print no instructions on standard error")
    boolean quiet;

    @Option(names = "--json", description = "Print it as JSON")
    boolean json;

    Id(Session session) {
      super(session);
    }

    @Override
    public void run() {
      LocalNode node = session.localNode();
      String address = node.publicAddress();
      String full = address == null ? node.id() : node.id() + "@" + address;
      if (json) {
        String quoted = address == null ? "null" : "\"" + address + "\"";
        session.print("{\n  \"id\": \"%s\",\n  \"addr\": %s\n}\n".formatted(node.id(), quoted));
        return;
      }
      session.print(full + "\n");
      if (!quiet) {
        session.note("");
        session.note("To connect another node to this one, run there:");
        session.note("    garage node connect " + (address == null ? full + "@HOST:PORT" : full));
        session.note("or add it to that node's configuration:");
        session.note(
            "    bootstrap_peers = [\"" + (address == null ? full + "@HOST:PORT" : full) + "\"]");
        if (address == null) {
          session.note("HOST:PORT is where this node is reached: set rpc_public_addr.");
        }
      }
    }
  }

  @Command(description = "Connect the node to another one")
  private static final class Connect extends VersionedCommand {
    @Parameters(paramLabel = "ID@HOST:PORT", description = "The other node; the id may be left out")
    String node = "";

    Connect(Session session) {
      super(session);
    }

    @Override
    public void run() {
      List<Connection> made = session.call(new ConnectClusterNodes(List.of(node))).connections();
      for (Connection connection : made) {
        if (!connection.success()) {
          String reason = connection.error();
          throw new CommandFailed("Failure: " + (reason == null ? "no reason given" : reason));
        }
      }
      session.print("Success.\n");
    }
  }
}
