package garage.table;

import garage.common.id.NodeId;
import garage.layout.Partition;
import garage.rpc.membership.EpochFence;
import java.util.List;

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

  /** What keeps messages of different epochs apart. */
  EpochFence fence();
}
