package garage.layout.assign;

import garage.common.id.NodeId;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.Zone;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The same questions as the planner's, answered by other means: by a plain breadth-first maximum
 * flow over all partitions whether a partition size is feasible, and by a search for a negative
 * cycle whether an assignment could move less. Shares no code with what it judges.
 */
final class IndependentFlow {
  private final List<List<Arc>> arcs = new ArrayList<>();
  private final Map<Object, Integer> vertices = new HashMap<>();

  private static final class Arc {
    final int to;
    final int cost;
    int room;
    final Arc back;

    Arc(int from, int to, int room, int cost) {
      this.to = to;
      this.room = room;
      this.cost = cost;
      this.back = new Arc(this, from);
    }

    private Arc(Arc forth, int from) {
      this.to = from;
      this.room = 0;
      this.cost = -forth.cost;
      this.back = forth;
    }
  }

  private record Vertex(String kind, int partition, Object place) {}

  private static final Vertex SOURCE = new Vertex("source", -1, "");
  private static final Vertex SINK = new Vertex("sink", -1, "");

  private IndependentFlow() {}

  /** Whether an assignment exists with partitions of {@code size} bytes. */
  static boolean isFeasible(Map<NodeId, NodeRole> roles, int copies, int zones, long size) {
    IndependentFlow flow = new IndependentFlow();
    for (int p = 0; p < Partition.COUNT; p++) {
      flow.addPartition(p, roles, copies, zones);
    }
    roles.forEach(
        (node, role) -> flow.arc(node, SINK, (int) Math.min(256, role.capacityBytes() / size), 0));
    int sent = 0;
    while (flow.augment()) {
      sent++;
    }
    return sent == Partition.COUNT * copies;
  }

  /** Whether another assignment of the version's partition size keeps more copies in place. */
  static boolean canMoveLess(LayoutVersion before, LayoutVersion after) {
    IndependentFlow flow = new IndependentFlow();
    long size = after.partitionSize().bytes();
    Map<NodeId, NodeRole> roles = new HashMap<>(after.roles());
    roles.values().removeIf(NodeRole::isGateway);
    roles.forEach((node, role) ->
        flow.arc(
            node,
            SINK,
            (int) Math.min(256, role.capacityBytes() / size),
            after.partitionCount(node),
            0));
    for (Partition partition : Partition.all()) {
      flow.addAssigned(partition, roles, before, after);
    }
    return flow.hasNegativeCycle();
  }

  private void addPartition(int p, Map<NodeId, NodeRole> roles, int copies, int zones) {
    Vertex spread = new Vertex("spread", p, "");
    Vertex free = new Vertex("free", p, "");
    arc(SOURCE, spread, zones, 0);
    arc(SOURCE, free, copies - zones, 0);
    roles.values().stream()
        .map(NodeRole::zone)
        .distinct()
        .forEach(zone -> {
          arc(spread, new Vertex("zone", p, zone), 1, 0);
          arc(free, new Vertex("zone", p, zone), copies, 0);
        });
    roles.forEach((node, role) -> arc(new Vertex("zone", p, role.zone()), node, 1, 0));
  }

  /** The arcs of a partition with the flow that its assignment is. */
  private void addAssigned(
      Partition partition, Map<NodeId, NodeRole> roles, LayoutVersion before, LayoutVersion after) {
    int p = partition.number();
    Map<Zone, Integer> used = new HashMap<>();
    after
        .nodesOf(partition)
        .forEach(node -> used.merge(after.role(node).orElseThrow().zone(), 1, Integer::sum));
    int spreadLeft = after.zonesRequired();
    for (Zone zone : roles.values().stream().map(NodeRole::zone).distinct().sorted().toList()) {
      int count = used.getOrDefault(zone, 0);
      int spread = count > 0 && spreadLeft > 0 ? 1 : 0;
      spreadLeft -= spread;
      Vertex place = new Vertex("zone", p, zone);
      arc(new Vertex("spread", p, ""), place, 1, spread, 0);
      arc(new Vertex("free", p, ""), place, after.replication().copies(), count - spread, 0);
    }
    roles.forEach((node, role) ->
        arc(
            new Vertex("zone", p, role.zone()),
            node,
            1,
            after.keeps(node, partition) ? 1 : 0,
            before.keeps(node, partition) ? -1 : 0));
  }

  private int vertex(Object name) {
    return vertices.computeIfAbsent(
        name,
        key -> {
          arcs.add(new ArrayList<>());
          return arcs.size() - 1;
        });
  }

  private void arc(Object from, Object to, int capacity, int cost) {
    arc(from, to, capacity, 0, cost);
  }

  private void arc(Object from, Object to, int capacity, int flow, int cost) {
    int tail = vertex(from);
    int head = vertex(to);
    Arc arc = new Arc(tail, head, capacity - flow, cost);
    arc.back.room = flow;
    arcs.get(tail).add(arc);
    arcs.get(head).add(arc.back);
  }

  private boolean augment() {
    Arc[] entered = new Arc[arcs.size()];
    int source = vertex(SOURCE);
    int sink = vertex(SINK);
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(source));
    while (!open.isEmpty() && entered[sink] == null) {
      for (Arc arc : arcs.get(open.poll())) {
        if (arc.room > 0 && arc.to != source && entered[arc.to] == null) {
          entered[arc.to] = arc;
          open.add(arc.to);
        }
      }
    }
    if (entered[sink] == null) {
      return false;
    }
    for (int v = sink; v != source; v = entered[v].back.to) {
      entered[v].room--;
      entered[v].back.room++;
    }
    return true;
  }

  /** Bellman-Ford: distances that still fall after as many rounds as vertices go round a cycle. */
  private boolean hasNegativeCycle() {
    int[] distance = new int[arcs.size()];
    for (int round = 0; round < arcs.size(); round++) {
      int[] before = Arrays.copyOf(distance, distance.length);
      for (int v = 0; v < arcs.size(); v++) {
        for (Arc arc : arcs.get(v)) {
          if (arc.room > 0) {
            distance[arc.to] = Math.min(distance[arc.to], distance[v] + arc.cost);
          }
        }
      }
      if (Arrays.equals(before, distance)) {
        return false;
      }
    }
    return true;
  }
}
