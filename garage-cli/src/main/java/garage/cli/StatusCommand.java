package garage.cli;

import garage.admin.api.ClusterRequest.GetClusterStatus;
import garage.admin.api.LayoutRequest.GetClusterLayout;
import garage.admin.api.LayoutRequest.GetClusterLayoutHistory;
import garage.cli.format.StatusText;
import picocli.CommandLine.Command;

@Command(description = "Show the nodes of the cluster")
final class StatusCommand extends ShowingCommand {
  StatusCommand(Session session) {
    super(session);
  }

  @Override
  public void run() {
    show(
        new GetClusterStatus(),
        status ->
            StatusText.of(
                status,
                session.call(new GetClusterLayout()),
                session.call(new GetClusterLayoutHistory())));
  }
}
