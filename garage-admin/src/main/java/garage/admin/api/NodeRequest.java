package garage.admin.api;

/** Requests that nodes answer each for itself. */
public sealed interface NodeRequest<R extends AdminResponse> extends AdminRequest<R> {
  /**
   * What a node runs.
   *
   * @param node {@code *} for all, {@code self}, or the beginning of one id
   */
  record GetNodeInfo(String node) implements NodeRequest<NodeResponse.NodeInfos> {}
}
