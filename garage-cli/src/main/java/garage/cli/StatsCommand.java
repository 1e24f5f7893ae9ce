package garage.cli;

import garage.admin.api.ClusterRequest.GetClusterStatistics;
import garage.admin.api.NodeRequest.GetNodeStatistics;
import picocli.CommandLine.Command;

/** {@code garage stats}: what nodes hold and have to do, and what room the cluster has. */
@Command(description = "Show what nodes hold, and the room that is left")
final class StatsCommand extends NodeCommand {
  StatsCommand(Session session) {
    super(session);
  }

  @Override
  public void run() {
    showEach(
        new GetNodeStatistics(nodes.pattern()),
        (id, statistics) -> "==== NODE [" + id(id) + "] ====\n" + statistics.freeform() + "\n");
    if (!json) {
      session.print("==== CLUSTER STATISTICS ====\n");
      session.print(session.call(new GetClusterStatistics()).freeform());
    }
  }
}
