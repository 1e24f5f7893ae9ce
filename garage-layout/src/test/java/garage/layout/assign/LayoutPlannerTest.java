package garage.layout.assign;

import static garage.layout.Sample.atLeast;
import static garage.layout.Sample.feasible;
import static garage.layout.Sample.gateway;
import static garage.layout.Sample.maximum;
import static garage.layout.Sample.node;
import static garage.layout.Sample.planned;
import static garage.layout.Sample.roles;
import static garage.layout.Sample.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.layout.LayoutParameters;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Sample;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Layouts of clusters as people have them. */
final class LayoutPlannerTest {
  @Test
  void aSingleNodeKeepsEverything() {
    LayoutVersion version = planned(null, roles(storage("dc1", "10G")), maximum(1));
    assertEquals(1, version.number());
    assertEquals(256, version.partitionCount(node(1)));
    assertEquals(new ByteSize(10_000_000_000L / 256), version.partitionSize());
  }

  @Test
  void threeNodesWithThreeCopiesEachKeepEverything() {
    LayoutVersion version = planned(null, equalNodes(3, 1), maximum(3));
    for (int i = 1; i <= 3; i++) {
      assertEquals(256, version.partitionCount(node(i)));
    }
  }

  @Test
  void equalNodesKeepEqualShares() {
    LayoutVersion version = planned(null, equalNodes(6, 3), maximum(3));
    for (int i = 1; i <= 6; i++) {
      assertEquals(128, version.partitionCount(node(i)), "node " + i);
    }
  }

  @Test
  void unequalNodesKeepSharesByCapacity() {
    LayoutVersion version =
        planned(null, roles(storage("dc1", "10G"), storage("dc1", "30G")), maximum(1));
    assertEquals(64, version.partitionCount(node(1)));
    assertEquals(192, version.partitionCount(node(2)));
  }

  @Test
  void removingANodeMovesOnlyWhatItKept() {
    Map<NodeId, NodeRole> roles = equalNodes(8, 1);
    LayoutVersion before = planned(null, roles, maximum(3));
    int kept = before.partitionCount(node(5));
    roles.remove(node(5));
    assertEquals(96, kept);
    assertEquals(kept, moves(before, roles, maximum(3)));
  }

  @Test
  void addingANodeMovesOnlyItsShare() {
    Map<NodeId, NodeRole> roles = equalNodes(7, 1);
    LayoutVersion before = planned(null, roles, maximum(3));
    roles.put(node(8), storage("z0", "1T"));
    LayoutPlan.Feasible after = feasible(LayoutPlanner.plan(before, roles, maximum(3)));
    assertEquals(96, after.version().partitionCount(node(8)));
    assertEquals(96, after.report().copiesToTransfer());
  }

  @Test
  void replacingANodeMovesItsPartitionsToTheNewOneAndNoOthers() {
    Map<NodeId, NodeRole> roles = equalNodes(6, 3);
    LayoutVersion before = planned(null, roles, maximum(3));
    NodeRole role = before.role(node(2)).orElseThrow();
    roles.remove(node(2));
    roles.put(node(9), role);
    LayoutVersion after = planned(before, roles, maximum(3));
    assertEquals(before.partitionsOf(node(2)), after.partitionsOf(node(9)));
    assertEquals(before.partitionsOf(node(1)), after.partitionsOf(node(1)));
  }

  @Test
  void aNodeThatBecomesAGatewayGivesEverythingAway() {
    Map<NodeId, NodeRole> roles = equalNodes(4, 1);
    LayoutVersion before = planned(null, roles, maximum(3));
    roles.put(node(1), gateway("z0"));
    LayoutVersion after = planned(before, roles, maximum(3));
    assertEquals(List.of(), after.partitionsOf(node(1)));
    assertEquals(before.partitionCount(node(1)), moves(before, roles, maximum(3)));
  }

  @Test
  void raisingTheReplicationFactorOnlyAddsCopies() {
    Map<NodeId, NodeRole> roles = equalNodes(3, 3);
    LayoutVersion before = planned(null, roles, maximum(1));
    LayoutVersion after = planned(before, roles, maximum(3));
    for (Partition partition : Partition.all()) {
      assertTrue(after.nodesOf(partition).containsAll(before.nodesOf(partition)));
    }
    assertEquals(512, moves(before, roles, maximum(3)));
    assertEquals(0, moves(after, roles, maximum(1)), "lowering it only takes copies away");
  }

  @Test
  void gatewayOnlyZonesDoNotCountForMaximum() {
    LayoutVersion version =
        planned(
            null,
            roles(
                storage("dc1", "10G"),
                storage("dc1", "10G"),
                storage("dc2", "10G"),
                gateway("dc3"),
                gateway("dc4")),
            maximum(3));
    assertEquals(2, version.zonesRequired());
    assertEquals(0, version.partitionCount(node(4)));
  }

  @Test
  void copiesGoToAsManyZonesAsAsked() {
    Map<NodeId, NodeRole> roles =
        roles(
            storage("dc1", "100G"),
            storage("dc1", "100G"),
            storage("dc1", "100G"),
            storage("dc2", "10G"));
    LayoutVersion spread = planned(null, roles, maximum(3));
    assertEquals(256, spread.partitionCount(node(4)), "each partition has a copy in dc2");
    LayoutVersion free = planned(null, roles, atLeast(1, 3));
    assertTrue(free.partitionSize().compareTo(spread.partitionSize()) > 0);
  }

  @Test
  void nodesThatHaveCapacityToSpareFillEvenly() {
    LayoutVersion version =
        planned(
            null,
            roles(storage("dc1", "10G"), storage("dc2", "20G"), storage("dc2", "60G")),
            maximum(2));
    int small = version.partitionCount(node(2));
    assertTrue(small > 40 && small < 88, "a quarter of 256 is 64, here " + small);
  }

  @Test
  void nodesSharePartitionsWithManyOthers() {
    LayoutVersion version = planned(null, equalNodes(12, 1), maximum(3));
    int[][] together = new int[13][13];
    for (Partition partition : Partition.all()) {
      for (NodeId a : version.nodesOf(partition)) {
        for (NodeId b : version.nodesOf(partition)) {
          together[a.value().firstByte()][b.value().firstByte()]++;
        }
      }
    }
    for (int a = 1; a <= 12; a++) {
      int self = a;
      long partners = Arrays.stream(together[self]).filter(count -> count > 0).count() - 1;
      assertEquals(11, partners, "node " + a + " shares with every other");
    }
  }

  @Test
  void moreNodesThanCopiesAreAllowed() {
    LayoutVersion version = planned(null, equalNodes(1000, 10), maximum(3));
    Set<NodeId> used = new HashSet<>();
    Partition.all().forEach(partition -> used.addAll(version.nodesOf(partition)));
    assertEquals(768, used.size(), "each copy has a node of its own");
    assertEquals(ByteSize.parse("1T"), version.partitionSize());
  }

  @Test
  void tooFewNodesAreReported() {
    LayoutPlan plan = LayoutPlanner.plan(null, roles(storage("dc1", "10G")), maximum(3));
    LayoutPlan.Infeasible infeasible = assertInstanceOf(LayoutPlan.Infeasible.class, plan);
    assertEquals(
        "the number of nodes with a capacity (1) is smaller than the replication factor (3): "
            + "assign a role with a capacity to more nodes",
        infeasible.cause().message());
  }

  @Test
  void tooFewZonesAreReported() {
    Map<NodeId, NodeRole> roles = equalNodes(3, 1);
    roles.put(node(4), gateway("elsewhere"));
    LayoutPlan plan = LayoutPlanner.plan(null, roles, atLeast(2, 3));
    LayoutPlan.Infeasible infeasible = assertInstanceOf(LayoutPlan.Infeasible.class, plan);
    assertEquals(
        "the number of zones with storage nodes (1) is smaller than the zone redundancy (2): "
            + "assign nodes in more zones, or lower the zone redundancy",
        infeasible.cause().message());
  }

  @Test
  void aPreviewIsWhatIsApplied() {
    LayoutHistory history = LayoutHistory.initial(new ReplicationFactor(2));
    for (int i = 1; i <= 5; i++) {
      history = history.stage(Sample.at(i), node(i), storage("dc" + i % 2, i + "G"));
    }
    LayoutPlan.Feasible preview = feasible(LayoutPlanner.plan(history));
    AppliedLayout applied = LayoutPlanner.apply(history, 1);
    assertEquals(preview.version(), applied.history().current());
    assertEquals(preview.report().lines(), applied.report().lines());
  }

  @Test
  void largestCapacitiesDoNotOverflow() {
    Map<NodeId, NodeRole> roles = new TreeMap<>();
    for (int i = 1; i <= 100; i++) {
      roles.put(node(i), storage("z" + i % 4, "1PiB"));
    }
    LayoutVersion version = planned(null, roles, maximum(3));
    assertEquals(new ByteSize(100L << 50), version.totalCapacity());
    assertTrue(version.usableCapacity().compareTo(version.totalCapacity()) <= 0);
  }

  private static int moves(
      LayoutVersion before, Map<NodeId, NodeRole> roles, LayoutParameters parameters) {
    return feasible(LayoutPlanner.plan(before, roles, parameters)).report().copiesToTransfer();
  }

  private static Map<NodeId, NodeRole> equalNodes(int nodes, int zones) {
    Map<NodeId, NodeRole> roles = new TreeMap<>();
    for (int i = 1; i <= nodes; i++) {
      roles.put(node(i), storage("z" + i % zones, "1T"));
    }
    return roles;
  }
}
