package garage.layout.assign;

import static garage.layout.Sample.feasible;
import static garage.layout.Sample.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.layout.LayoutParameters;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Sample;
import garage.layout.Zone;
import garage.layout.ZoneRedundancy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What holds for every layout, on random clusters of up to 60 nodes and 8 zones. */
final class LayoutPlannerPropertyTest {
  private static final int ROUNDS = 25;

  /** A cluster, and the same after a few nodes came, went or changed. */
  private record Scenario(
      String what,
      Map<NodeId, NodeRole> before,
      Map<NodeId, NodeRole> after,
      LayoutParameters parameters) {}

  @Test
  void everyConstraintHoldsBeforeAndAfterAChange() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Scenario scenario = scenario(seed);
      LayoutVersion first = planned(null, scenario.before, scenario);
      assertValid(scenario.what, first);
      assertValid(scenario.what, planned(first, scenario.after, scenario));
    }
  }

  @Test
  void noLargerPartitionSizeIsFeasible() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Scenario scenario = scenario(seed);
      LayoutVersion version = planned(null, scenario.before, scenario);
      Map<NodeId, NodeRole> storage = new TreeMap<>(scenario.before);
      storage.values().removeIf(NodeRole::isGateway);
      int copies = version.replication().copies();
      int zones = version.zonesRequired();
      long size = version.partitionSize().bytes();
      assertTrue(IndependentFlow.isFeasible(storage, copies, zones, size), scenario.what);
      assertFalse(IndependentFlow.isFeasible(storage, copies, zones, size + 1), scenario.what);
    }
  }

  @Test
  void noAssignmentOfTheSameSizeMovesLess() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Scenario scenario = scenario(seed);
      LayoutVersion first = planned(null, scenario.before, scenario);
      LayoutVersion second = planned(first, scenario.after, scenario);
      assertFalse(IndependentFlow.canMoveLess(first, second), scenario.what);
    }
  }

  @Test
  void movesAreCountedAndFewerThanOfAnAssignmentFromScratch() {
    int fewer = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      Scenario scenario = scenario(seed);
      LayoutVersion first = planned(null, scenario.before, scenario);
      LayoutPlan.Feasible plan =
          feasible(LayoutPlanner.plan(first, scenario.after, scenario.parameters));
      int moves = moves(first, plan.version());
      assertEquals(moves, plan.report().copiesToTransfer(), scenario.what);
      int naive = moves(first, planned(null, scenario.after, scenario));
      assertTrue(moves <= naive, scenario.what);
      fewer += moves < naive ? 1 : 0;
    }
    assertTrue(fewer > ROUNDS / 2, "fewer in " + fewer);
  }

  @Test
  void planningTheSameAgainMovesNothing() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Scenario scenario = scenario(seed);
      LayoutVersion first = planned(null, scenario.before, scenario);
      LayoutVersion second = planned(first, scenario.before, scenario);
      assertEquals(2, second.number());
      for (Partition partition : Partition.all()) {
        assertEquals(first.nodesOf(partition), second.nodesOf(partition), scenario.what);
      }
    }
  }

  @Test
  void theSameInputGivesTheSameVersionWhateverItsOrder() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Scenario scenario = scenario(seed);
      LayoutVersion first = planned(null, scenario.before, scenario);
      List<NodeId> nodes = new ArrayList<>(scenario.before.keySet());
      Collections.shuffle(nodes, new Random(seed));
      Map<NodeId, NodeRole> shuffled = new LinkedHashMap<>();
      nodes.forEach(node -> shuffled.put(node, scenario.before.get(node)));
      assertEquals(first, planned(null, shuffled, scenario), scenario.what);
      assertEquals(
          planned(first, scenario.after, scenario),
          planned(
              LayoutVersion.CODEC.decode(LayoutVersion.CODEC.encode(first)),
              scenario.after,
              scenario),
          scenario.what);
    }
  }

  @Test
  void demandsForMoreThanThereIsNameWhatIsMissing() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Scenario scenario = scenario(seed);
      int storage = (int) scenario.before.values().stream().filter(NodeRole::isStorage).count();
      Map<NodeId, NodeRole> few = new TreeMap<>(scenario.before);
      int copies = scenario.parameters.replication().copies();
      for (NodeId node : scenario.before.keySet()) {
        if (scenario.before.get(node).isStorage() && storage >= copies) {
          few.remove(node);
          storage--;
        }
      }
      LayoutPlan.Infeasible plan =
          assertInstanceOf(
              LayoutPlan.Infeasible.class,
              LayoutPlanner.plan(null, few, scenario.parameters),
              scenario.what);
      assertEquals(new Infeasibility.TooFewNodes(storage, copies), plan.cause(), scenario.what);
    }
  }

  private static LayoutVersion planned(
      @Nullable LayoutVersion previous, Map<NodeId, NodeRole> roles, Scenario scenario) {
    return Sample.planned(previous, roles, scenario.parameters);
  }

  private static void assertValid(String what, LayoutVersion version) {
    for (Partition partition : Partition.all()) {
      List<NodeId> nodes = version.nodesOf(partition);
      Set<Zone> zones = new HashSet<>();
      nodes.forEach(node -> zones.add(version.role(node).orElseThrow().zone()));
      assertEquals(version.replication().copies(), new HashSet<>(nodes).size(), what);
      assertTrue(zones.size() >= version.zonesRequired(), what);
    }
    for (NodeId node : version.nodes()) {
      long capacity = version.role(node).orElseThrow().capacityBytes();
      assertTrue(version.usableCapacity(node).bytes() <= capacity, what);
    }
  }

  private static int moves(LayoutVersion before, LayoutVersion after) {
    int moves = 0;
    for (Partition partition : Partition.all()) {
      Set<NodeId> gained = new HashSet<>(after.nodesOf(partition));
      gained.removeAll(before.nodesOf(partition));
      moves += gained.size();
    }
    return moves;
  }

  private static Scenario scenario(int seed) {
    Random random = new Random(seed);
    int zones = 1 + random.nextInt(8);
    int copies = 1 + random.nextInt(5);
    // mostly small clusters, and no fewer nodes than leave a layout after some have gone
    int nodes = copies + zones + 3 + random.nextInt(random.nextInt(4) == 0 ? 44 : 10);
    Map<NodeId, NodeRole> before = new TreeMap<>();
    for (int i = 1; i <= nodes; i++) {
      before.put(node(i), role(random, i <= zones ? i - 1 : random.nextInt(zones), i > zones));
    }
    for (int i = nodes + 1; i <= nodes + copies; i++) {
      before.put(node(i), role(random, random.nextInt(zones), false));
    }
    int required = random.nextInt(1 + Math.min(zones, copies));
    LayoutParameters parameters =
        new LayoutParameters(
            required == 0 ? new ZoneRedundancy.Maximum() : new ZoneRedundancy.AtLeast(required),
            new ReplicationFactor(copies));
    String what = "seed %d: %s, %s".formatted(seed, parameters, before);
    return new Scenario(what, before, changed(random, before, zones), parameters);
  }

  /** The first node of each zone stays, so that there are zones enough. */
  private static Map<NodeId, NodeRole> changed(
      Random random, Map<NodeId, NodeRole> before, int zones) {
    Map<NodeId, NodeRole> after = new TreeMap<>(before);
    int size = before.size();
    for (int change = random.nextInt(4); change >= 0; change--) {
      int existing = zones + 1 + random.nextInt(size - zones);
      switch (random.nextInt(3)) {
        case 0 -> after.put(node(100 + change), role(random, random.nextInt(zones), true));
        case 1 -> after.put(node(existing), role(random, random.nextInt(zones), false));
        default -> {
          int zone = random.nextInt(zones);
          after.put(node(zone + 1), role(random, zone, false));
        }
      }
    }
    NodeId leaving = node(zones + 1 + random.nextInt(size - zones));
    long storage = after.values().stream().filter(NodeRole::isStorage).count();
    if (storage > 6) {
      after.remove(leaving);
    }
    return after;
  }

  private static NodeRole role(Random random, int zone, boolean mayBeGateway) {
    Zone name = new Zone("zone" + zone);
    if (mayBeGateway && random.nextInt(6) == 0) {
      return NodeRole.gateway(name, List.of());
    }
    long capacity = 1024L + (random.nextInt(1000) << random.nextInt(20));
    return NodeRole.storage(name, new ByteSize(capacity), List.of());
  }
}
