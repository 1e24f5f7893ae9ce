package garage.layout.assign;

import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.layout.NodeRole;

/** A storage node's share of a new version. */
public record NodeReport(
    NodeId node, NodeRole role, int partitions, int newPartitions, ByteSize usableCapacity) {}
