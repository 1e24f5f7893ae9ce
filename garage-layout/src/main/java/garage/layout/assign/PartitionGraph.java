package garage.layout.assign;

import garage.common.check.Invariant;
import garage.common.id.NodeId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The assignments of a given partition size as the flows of a network, one unit per copy:
 *
 * <pre>
 *           Z            1
 *         .---> p+ ------------.            1              slots
 *  source                       >---> (p, zone) ---> node ---> sink
 *         '---> p- ------------'
 *          R-Z          R-Z
 * </pre>
 *
 * A partition p sends Z of its R copies through p+, to distinct zones, and the others through p-,
 * to any; no two of them go to one node. An arc to a node that keeps p already is free and one to
 * another node costs 1: a flow of 256·R of least cost is an assignment with the fewest moves.
 */
final class PartitionGraph {
  private static final int SOURCE = 0;
  private static final int SINK = 1;
  private static final int FIRST_PARTITION = 2;

  private final Demand demand;
  private final FlowNetwork network;
  private final int firstZone;
  private final int firstNode;
  private final int[] nodeArcs;

  /** {@code before} is the nodes that keep each partition already. */
  PartitionGraph(Demand demand, long partitionSize, List<List<NodeId>> before) {
    this.demand = demand;
    int zones = demand.zoneCount();
    firstZone = FIRST_PARTITION + 2 * demand.partitions();
    firstNode = firstZone + demand.partitions() * zones;
    nodeArcs = new int[demand.partitions() * demand.nodeCount()];
    int arcs = demand.partitions() * (2 + 2 * zones + demand.nodeCount()) + demand.nodeCount();
    network = new FlowNetwork(firstNode + demand.nodeCount(), arcs);
    for (int node = 0; node < demand.nodeCount(); node++) {
      network.addArc(firstNode + node, SINK, demand.slots(node, partitionSize), 0);
    }
    long[] zoneCapacities = demand.zoneCapacities();
    EdgeOrder order = new EdgeOrder();
    for (int p = 0; p < demand.partitions(); p++) {
      addZones(p, order.lastToFirst(zoneCapacities));
      addNodes(p, order.lastToFirst(demand.capacities()), keepers(before.get(p)));
    }
  }

  /** The nodes of each partition. */
  List<List<NodeId>> assign() {
    MinCostFlow flow = new MinCostFlow(network, SOURCE, SINK);
    int copies = flow.run();
    Invariant.check(copies == demand.totalCopies(), "every copy has a place", copies);
    Invariant.check(flow.isProvenOptimal(), "no assignment moves fewer copies");
    List<List<NodeId>> replicas = new ArrayList<>();
    for (int p = 0; p < demand.partitions(); p++) {
      List<NodeId> nodes = new ArrayList<>();
      for (int node = 0; node < demand.nodeCount(); node++) {
        if (network.flow(nodeArcs[p * demand.nodeCount() + node]) > 0) {
          nodes.add(demand.nodes().get(node));
        }
      }
      replicas.add(List.copyOf(nodes));
    }
    return replicas;
  }

  private void addZones(int p, int[] order) {
    int spread = FIRST_PARTITION + p;
    int free = FIRST_PARTITION + demand.partitions() + p;
    int freeCopies = demand.copies() - demand.zonesRequired();
    network.addArc(SOURCE, spread, demand.zonesRequired(), 0);
    network.addArc(SOURCE, free, freeCopies, 0);
    for (int zone : order) {
      network.addArc(spread, zoneVertex(p, zone), 1, 0);
      if (freeCopies > 0) {
        network.addArc(free, zoneVertex(p, zone), freeCopies, 0);
      }
    }
  }

  private void addNodes(int p, int[] order, boolean[] keepers) {
    for (int node : order) {
      nodeArcs[p * demand.nodeCount() + node] =
          network.addArc(
              zoneVertex(p, demand.zoneOf()[node]), firstNode + node, 1, keepers[node] ? 0 : 1);
    }
  }

  private boolean[] keepers(List<NodeId> before) {
    boolean[] keepers = new boolean[demand.nodeCount()];
    for (NodeId node : before) {
      int position = Collections.binarySearch(demand.nodes(), node);
      if (position >= 0) {
        keepers[position] = true;
      }
    }
    return keepers;
  }

  private int zoneVertex(int p, int zone) {
    return firstZone + p * demand.zoneCount() + zone;
  }
}
