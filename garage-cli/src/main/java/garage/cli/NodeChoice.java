package garage.cli;

import garage.admin.api.NodeRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which nodes a command is about: the one that is asked, unless said otherwise. */
final class NodeChoice {
  @Option(
      names = {"-a", "--all-nodes"},
      description = "Every node of the cluster")
  boolean all;

  @Option(
      names = {"-n", "--node"},
      paramLabel = "NODE",
      description = "The node whose id begins so")
  @Nullable String node;

  /** As requests take it. */
  String pattern() {
    if (all && node != null) {
      throw new CommandFailed("give either -a or -n");
    }
    if (all) {
      return NodeRequest.ALL;
    }
    return node == null ? NodeRequest.SELF : NodePattern.parse(node).id();
  }
}
