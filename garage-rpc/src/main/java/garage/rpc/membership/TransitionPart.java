package garage.rpc.membership;

import garage.layout.Epoch;
import garage.layout.Partition;

/**
 * Something that must be brought to the new nodes of a layout before they may count: rows of some
 * kind, or blocks. Asked often, and must answer at once.
 */
public interface TransitionPart {
  /** What operators see: {@code registers}, {@code rows}, {@code blocks}. */
  String name();

  /**
   * Whether everything this node must hold of {@code partition} has been brought here and may count
   * in the epoch after {@code epoch}; in a stable epoch, whether it is all here. Asked only where
   * this node is of the partition's new set.
   */
  boolean ready(Epoch epoch, Partition partition);

  /** How many items are still to be fetched or looked at. */
  long remaining();

  /** How many items have been fetched or looked at in this epoch. */
  long done();

  /** Of how many partitions this node holds something although it is not of their set any more. */
  default long leaving() {
    return 0;
  }

  /**
   * Whether this is of every node and not of the partitions' sets: then it is asked for partition
   * 0, and a majority of all nodes must be ready.
   */
  default boolean everywhere() {
    return false;
  }
}
