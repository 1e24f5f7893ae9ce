package garage.table.replication;

import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.layout.LayoutVersion;
import garage.layout.Partition;
import garage.rpc.Preference;
import garage.rpc.membership.EpochFence;
import java.util.List;
import java.util.Optional;

/** Where the rows of a partition are now. */
public interface Placement {
  /**
   * The replicas of {@code partition} in the present epoch.
   *
   * @throws garage.common.error.GarageException.QuorumNotReached if no layout has been applied yet
   */
  Replicas replicas(Partition partition);

  /** Every node that holds rows of some partition: whom a scan over all rows asks. */
  List<NodeId> nodes();

  /** How many copies there are of each row. */
  int copies();

  /** The layout this follows; empty for one that never changes. */
  default Optional<LayoutHistory> layout() {
    return Optional.empty();
  }

  /** The nodes that hold {@code partition} in one version of the layout. */
  default List<NodeId> holders(LayoutVersion version, Partition partition) {
    return version.nodesOf(partition);
  }

  /** Whether every node of a layout holds every partition. */
  default boolean everywhere() {
    return false;
  }

  /** Which nodes {@code self} asks first. */
  default Preference preference(NodeId self) {
    return new SelfFirst(self);
  }

  /** The partitions its rows are in. */
  default List<Partition> partitions() {
    return Partition.all();
  }

  /** What keeps messages of different epochs apart. */
  EpochFence fence();
}
