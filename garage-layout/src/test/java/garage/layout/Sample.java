package garage.layout;

import garage.common.id.ByteSize;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.assign.LayoutPlan;
import garage.layout.assign.LayoutPlanner;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values that tests of layouts share. */
public final class Sample {
  private Sample() {}

  /** Node {@code i}, whose id begins with its number: {@code 0100…}, {@code 0200…}. */
  public static NodeId node(int i) {
    return new NodeId(new Bytes32(((long) i << 56) | ((long) (i >> 8) << 40), 0, 0, 0));
  }

  public static NodeRole storage(String zone, String capacity, String... tags) {
    return NodeRole.storage(new Zone(zone), ByteSize.parse(capacity), List.of(tags));
  }

  public static NodeRole gateway(String zone) {
    return NodeRole.gateway(new Zone(zone), List.of());
  }

  public static Timestamp at(long ticks) {
    return new Timestamp(ticks, 1, 1);
  }

  public static LayoutParameters maximum(int copies) {
    return LayoutParameters.defaults(new ReplicationFactor(copies));
  }

  public static LayoutParameters atLeast(int zones, int copies) {
    return new LayoutParameters(new ZoneRedundancy.AtLeast(zones), new ReplicationFactor(copies));
  }

  /** Nodes 1, 2, …, with these roles. */
  public static Map<NodeId, NodeRole> roles(NodeRole... roles) {
    Map<NodeId, NodeRole> all = new TreeMap<>();
    for (NodeRole role : roles) {
      all.put(node(all.size() + 1), role);
    }
    return all;
  }

  /** The planned version; there must be one. */
  public static LayoutVersion planned(
      @Nullable LayoutVersion previous, Map<NodeId, NodeRole> roles, LayoutParameters parameters) {
    return feasible(LayoutPlanner.plan(previous, roles, parameters)).version();
  }

  public static LayoutPlan.Feasible feasible(LayoutPlan plan) {
    if (plan instanceof LayoutPlan.Feasible feasible) {
      return feasible;
    }
    throw new AssertionError("not feasible: " + plan);
  }

  /** A history in force with nodes 1, 2, … in these roles. */
  public static LayoutHistory applied(int copies, NodeRole... roles) {
    LayoutHistory history = LayoutHistory.initial(new ReplicationFactor(copies));
    for (int i = 0; i < roles.length; i++) {
      history = history.stage(at(i + 1), node(i + 1), roles[i]);
    }
    return LayoutPlanner.apply(history, 1).history();
  }
}
