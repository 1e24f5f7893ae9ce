package garage.layout.assign;

import garage.common.id.NodeId;
import garage.layout.LayoutParameters;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.Zone;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for, in numbers: storage nodes are positions in {@code nodes}, sorted by id, and
 * zones positions in {@code zones}, sorted by name.
 *
 * @param capacities in bytes, of each node
 * @param zoneOf the zone of each node
 * @param partitions how many there are: {@link Partition#COUNT}, fewer in tests
 * @param copies of each partition, on distinct nodes
 * @param zonesRequired in which each partition has a copy, at least
 */
record Demand(
    List<NodeId> nodes,
    List<Zone> zones,
    long[] capacities,
    int[] zoneOf,
    int partitions,
    int copies,
    int zonesRequired) {

  static Demand of(SortedMap<NodeId, NodeRole> roles, LayoutParameters parameters) {
    List<Map.Entry<NodeId, NodeRole>> storage =
        roles.entrySet().stream().filter(role -> role.getValue().isStorage()).toList();
    List<Zone> zones =
        storage.stream().map(role -> role.getValue().zone()).sorted().distinct().toList();
    List<NodeId> nodes = new ArrayList<>();
    long[] capacities = new long[storage.size()];
    int[] zoneOf = new int[storage.size()];
    for (Map.Entry<NodeId, NodeRole> role : storage) {
      capacities[nodes.size()] = role.getValue().capacityBytes();
      zoneOf[nodes.size()] = Collections.binarySearch(zones, role.getValue().zone());
      nodes.add(role.getKey());
    }
    int zonesRequired =
        parameters.zoneRedundancy().zonesRequired(zones.size(), parameters.replication());
    int copies = parameters.replication().copies();
    return new Demand(
        List.copyOf(nodes), zones, capacities, zoneOf, Partition.COUNT, copies, zonesRequired);
  }

  /** Why nothing satisfies this, whatever the partition size. */
  @Nullable Infeasibility infeasibility() {
    if (nodes.size() < copies) {
      return new Infeasibility.TooFewNodes(nodes.size(), copies);
    }
    if (zones.size() < zonesRequired) {
      return new Infeasibility.TooFewZones(zones.size(), zonesRequired);
    }
    return null;
  }

  int nodeCount() {
    return nodes.size();
  }

  int zoneCount() {
    return zones.size();
  }

  /** How many copies there are of all partitions. */
  int totalCopies() {
    return partitions * copies;
  }

  /** How many partitions of {@code size} bytes {@code node} can keep: each once at most. */
  int slots(int node, long size) {
    return (int) Math.min(partitions, capacities[node] / size);
  }

  /** The capacities of each zone's nodes together. */
  long[] zoneCapacities() {
    long[] bytes = new long[zones.size()];
    for (int node = 0; node < nodes.size(); node++) {
      bytes[zoneOf[node]] += capacities[node];
    }
    return bytes;
  }

  /** {@link #slots} summed over the nodes of each zone. */
  int[] zoneSlots(long size) {
    int[] slots = new int[zones.size()];
    for (int node = 0; node < nodes.size(); node++) {
      slots[zoneOf[node]] += slots(node, size);
    }
    return slots;
  }
}
