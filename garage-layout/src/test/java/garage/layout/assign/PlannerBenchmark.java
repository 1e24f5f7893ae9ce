package garage.layout.assign;

import garage.common.id.ByteSize;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.layout.LayoutParameters;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.ZoneRedundancy;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Measures computations of large layouts. Run it by hand: {@code mvn -pl garage-layout test-compile
 * exec:java -Dexec.classpathScope=test -Dexec.mainClass=garage.layout.assign.PlannerBenchmark}.
 */
public final class PlannerBenchmark {
  private PlannerBenchmark() {}

  public static void main(String[] args) {
    for (int round = 0; round < 2; round++) {
      for (int zones : new int[] {1, 3, 10, 100, 1000}) {
        for (int nodes : new int[] {30, 300, 1000}) {
          if (nodes >= zones) {
            measure(nodes, zones);
          }
        }
      }
    }
  }

  private static void measure(int nodes, int zones) {
    Random random = new Random(nodes + zones);
    Map<NodeId, NodeRole> roles = new TreeMap<>();
    for (int i = 0; i < nodes; i++) {
      long capacity = 1_000_000_000_000L * (1 + random.nextInt(16));
      roles.put(
          new NodeId(new Bytes32(random.nextLong(), 0, 0, i)),
          NodeRole.storage(new Zone("z" + i % zones), new ByteSize(capacity), List.of()));
    }
    LayoutParameters parameters =
        new LayoutParameters(new ZoneRedundancy.Maximum(), new ReplicationFactor(3));
    LayoutVersion first = plan("first", null, roles, parameters);
    Map<NodeId, NodeRole> changed = new TreeMap<>(roles);
    int i = 0;
    for (NodeId node : roles.keySet()) {
      if (i % 10 == 0) {
        changed.remove(node);
      } else if (i % 10 == 1) {
        changed.put(
            node,
            NodeRole.storage(roles.get(node).zone(), new ByteSize(9_000_000_000_000L), List.of()));
      }
      i++;
    }
    plan("changed", first, changed, parameters);
  }

  private static LayoutVersion plan(
      String what,
      @Nullable LayoutVersion previous,
      Map<NodeId, NodeRole> roles,
      LayoutParameters parameters) {
    long start = System.nanoTime();
    LayoutPlan plan = LayoutPlanner.plan(previous, roles, parameters);
    long millis = (System.nanoTime() - start) / 1_000_000;
    return switch (plan) {
      case LayoutPlan.Feasible(LayoutVersion version, AssignmentReport report) -> {
        System.out.printf(
            "%4d nodes %4d zones %-8s %5d ms  %4d moves  %s%n",
            roles.size(),
            version.storageZones().size(),
            what,
            millis,
            report.copiesToTransfer(),
            version.partitionSize());
        yield version;
      }
      case LayoutPlan.Infeasible(Infeasibility cause) ->
          throw new IllegalStateException(cause.message());
    };
  }
}
