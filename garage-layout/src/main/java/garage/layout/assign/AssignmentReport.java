package garage.layout.assign;

import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.Zone;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a new version means: figures for programs, and {@link #lines} for people.
 *
 * @param previous the version it was computed from, if there was a layout
 * @param limits sentences that say what keeps the partition size from being larger
 */
public record AssignmentReport(
    LayoutVersion version, @Nullable LayoutVersion previous, List<String> limits) {
  public AssignmentReport {
    limits = List.copyOf(limits);
  }

  /** The report as the user reads it. */
  public List<String> lines() {
    return new ReportText(this).lines();
  }

  /** The part of the cluster's capacity that can be filled, 0 to 1. */
  public double usableShare() {
    return share(version.usableCapacity(), version.totalCapacity());
  }

  /** How much can be stored, each object counted once. */
  public ByteSize effectiveCapacity() {
    return new ByteSize(Partition.COUNT * version.partitionSize().bytes());
  }

  /** How many copies of partitions get a new place; none is moved to a cluster's first layout. */
  public int copiesToTransfer() {
    return previous == null
        ? 0
        : version.storageNodes().stream().mapToInt(this::newPartitions).sum();
  }

  /** How many partitions {@code node} keeps that it did not keep before. */
  public int newPartitions(NodeId node) {
    return (int)
        version.partitionsOf(node).stream()
            .filter(partition -> previous == null || !previous.keeps(node, partition))
            .count();
  }

  /** Each zone with storage nodes, in the order of their names. */
  public List<ZoneReport> zones() {
    return version.storageZones().stream().map(this::zone).toList();
  }

  private ZoneReport zone(Zone zone) {
    List<NodeReport> nodes = new ArrayList<>();
    Set<Partition> unique = new HashSet<>();
    version
        .roles()
        .forEach((node, role) -> {
          if (role.isStorage() && role.zone().equals(zone)) {
            nodes.add(node(node, role));
            unique.addAll(version.partitionsOf(node));
          }
        });
    return new ZoneReport(zone, nodes, unique.size());
  }

  private NodeReport node(NodeId node, NodeRole role) {
    return new NodeReport(
        node,
        role,
        version.partitionCount(node),
        newPartitions(node),
        version.usableCapacity(node));
  }

  static double share(ByteSize part, ByteSize whole) {
    return whole.bytes() == 0 ? 0 : (double) part.bytes() / whole.bytes();
  }
}
