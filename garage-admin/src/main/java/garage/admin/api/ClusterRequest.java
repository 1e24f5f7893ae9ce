package garage.admin.api;

import java.util.List;

/** Requests about the nodes together. */
public sealed interface ClusterRequest<R extends AdminResponse> extends AdminRequest<R> {
  /** Every node known, up or not. */
  record GetClusterStatus() implements ClusterRequest<ClusterResponse.Status> {}

  /** Whether reads and writes find their quorums. */
  record GetClusterHealth() implements ClusterRequest<ClusterResponse.Health> {}

  /** What the storage nodes have left, as text. */
  record GetClusterStatistics() implements ClusterRequest<ClusterResponse.Statistics> {}

  /**
   * Connects to further nodes.
   *
   * @param nodes as {@code id@host:port} or {@code host:port}
   */
  @Bare
  record ConnectClusterNodes(List<String> nodes)
      implements ClusterRequest<ClusterResponse.Connections> {
    public ConnectClusterNodes {
      nodes = List.copyOf(nodes);
    }
  }
}
