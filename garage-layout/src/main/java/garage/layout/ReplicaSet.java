package garage.layout;

import garage.common.id.NodeId;
import java.util.List;

/** The nodes that keep one partition in one layout version, in the order of their ids. */
public record ReplicaSet(List<NodeId> nodes, ReplicationFactor replication) {
  public ReplicaSet {
    nodes = List.copyOf(nodes);
  }

  /** How many of the nodes must answer a read. */
  public int readQuorum(ConsistencyMode mode) {
    return replication.readQuorum(mode);
  }

  /** How many of the nodes must confirm a write. */
  public int writeQuorum(ConsistencyMode mode) {
    return replication.writeQuorum(mode);
  }
}
