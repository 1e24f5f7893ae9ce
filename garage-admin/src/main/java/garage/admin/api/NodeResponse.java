package garage.admin.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers of nodes, each for itself. */
public sealed interface NodeResponse extends AdminResponse {
  /** What each node runs, or why it did not say; both by node id. */
  record NodeInfos(Map<String, NodeInfo> success, Map<String, String> error)
      implements NodeResponse {
    public NodeInfos {
      success = Map.copyOf(success);
      error = Map.copyOf(error);
    }
  }

  /** What a node runs; {@code rustVersion} is where upstream's tools look for the run time. */
  record NodeInfo(
      String nodeId,
      String garageVersion,
      @Nullable List<String> garageFeatures,
      String rustVersion,
      String dbEngine) {}
}
