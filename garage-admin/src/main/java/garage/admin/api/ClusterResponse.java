package garage.admin.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers about the nodes together. */
public sealed interface ClusterResponse extends AdminResponse {
  /** The nodes, by id. */
  record Status(long layoutVersion, List<Node> nodes) implements ClusterResponse {
    public Status {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * A node.
   *
   * @param addr where it was reached last
   * @param lastSeenSecsAgo null if it is up, or was never seen
   * @param role null if the layout gives it none
   * @param draining whether it still holds data of an older layout version
   */
  record Node(
      String id,
      @Nullable String garageVersion,
      @Nullable String addr,
      @Nullable String hostname,
      boolean isUp,
      @Nullable Long lastSeenSecsAgo,
      @Nullable Role role,
      boolean draining,
      @Nullable Space dataPartition,
      @Nullable Space metadataPartition) {}

  /**
   * What a node is for.
   *
   * @param capacity in bytes; null for a gateway
   */
  record Role(String zone, List<String> tags, @Nullable Long capacity) {
    public Role {
      tags = List.copyOf(tags);
    }
  }

  /** Bytes of a file system. */
  record Space(long available, long total) {}

  /** How many nodes and partitions there are, and how many of them are well. */
  record Health(
      String status,
      long knownNodes,
      long connectedNodes,
      long storageNodes,
      long storageNodesOk,
      long partitions,
      long partitionsQuorum,
      long partitionsAllOk)
      implements ClusterResponse {}

  /** Text for people. */
  record Statistics(String freeform) implements ClusterResponse {}

  /** What came of connecting, in the order asked. */
  @Bare
  record Connections(List<Connection> connections) implements ClusterResponse {
    public Connections {
      connections = List.copyOf(connections);
    }
  }

  /** What came of connecting to one node. */
  record Connection(boolean success, @Nullable String error) {}
}
