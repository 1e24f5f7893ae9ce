package garage.layout.assign;

import garage.common.id.ByteSize;
import garage.layout.Zone;
import java.util.List;

/**
 * A zone's share of a new version.
 *
 * @param uniquePartitions how many partitions have a copy in the zone
 */
public record ZoneReport(Zone zone, List<NodeReport> nodes, int uniquePartitions) {
  public ZoneReport {
    nodes = List.copyOf(nodes);
  }

  /** Copies of partitions in the zone. */
  public int partitions() {
    return nodes.stream().mapToInt(NodeReport::partitions).sum();
  }

  /** The capacities of its nodes. */
  public ByteSize capacity() {
    return new ByteSize(nodes.stream().mapToLong(node -> node.role().capacityBytes()).sum());
  }

  /** The part of the capacities that can be filled. */
  public ByteSize usableCapacity() {
    return new ByteSize(nodes.stream().mapToLong(node -> node.usableCapacity().bytes()).sum());
  }
}
