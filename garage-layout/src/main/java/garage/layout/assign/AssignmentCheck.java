package garage.layout.assign;

import garage.common.check.Invariant;
import garage.common.id.NodeId;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks at a computed assignment once more, knowing nothing of how it was found. */
final class AssignmentCheck {
  private AssignmentCheck() {}

  /** Fails if an assignment breaks a rule: no layout is better than a wrong one. */
  static void verify(Demand demand, long size, List<List<NodeId>> replicas) {
    Invariant.check(replicas.size() == demand.partitions(), "every partition has nodes");
    long[] used = new long[demand.nodeCount()];
    for (List<NodeId> nodes : replicas) {
      Set<Integer> distinct = new HashSet<>();
      Set<Integer> zones = new HashSet<>();
      for (NodeId node : nodes) {
        int position = Collections.binarySearch(demand.nodes(), node);
        Invariant.check(position >= 0, "only storage nodes keep partitions", node);
        distinct.add(position);
        zones.add(demand.zoneOf()[position]);
        used[position] += size;
      }
      Invariant.check(
          nodes.size() == demand.copies() && distinct.size() == demand.copies(),
          "copies of a partition are on distinct nodes",
          nodes);
      Invariant.check(
          zones.size() >= demand.zonesRequired(), "copies of a partition are spread over zones");
    }
    for (int node = 0; node < used.length; node++) {
      Invariant.check(used[node] <= demand.capacities()[node], "no node is above its capacity");
    }
  }
}
