package garage.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.TestBytes;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A node is away while its partitions are given to another, and comes back to them when the others
 * have released references and forgotten that they had.
 */
final class ReferenceTenureTest {
  private static final int AWAY = 0;
  private static final int TRIES_MAX = 200;
  private static final byte[] RELEASED = TestBytes.RANDOM.bytes(1, 5_000);
  private static final byte[] KEPT = TestBytes.RANDOM.bytes(2, 50_000);
  private static final byte[] LATER = TestBytes.RANDOM.bytes(3, 500);

  @Test
  void referencesOfANodeWhoseMembershipHadAGapDoNotComeBack() {
    for (long seed = 0; seed < 3; seed++) {
      Simulation.run(seed, ReferenceTenureTest::awayAndBack);
    }
  }

  private static void awayAndBack(Simulation world) {
    BlockCluster cluster = new BlockCluster(world, 4, 3);
    cluster.work();
    cluster.put(1, RELEASED, BlockCluster.dataId(1));
    cluster.put(1, KEPT, BlockCluster.dataId(2));
    cluster.settle();
    assertTrue(cluster.store(AWAY).has(hash(RELEASED)));

    cluster.mesh.down.add(cluster.id(AWAY));
    change(cluster, List.of(1, 2, 3));
    cluster
        .blocks
        .get(1)
        .release(List.of(hash(RELEASED)), BlockCluster.dataId(1), cluster.deadline(1));
    cluster.put(2, LATER, BlockCluster.dataId(3));
    world.clock().sleep(TombstoneCollector.AGE.multipliedBy(4));
    assertEquals(ReferenceState.ABSENT, state(cluster, 1), "the others have forgotten it");

    cluster.mesh.down.clear();
    change(cluster, List.of(0, 1, 2));
    world.clock().sleep(Duration.ofMinutes(30));
    for (int node : List.of(0, 1, 2)) {
      assertEquals(ReferenceState.ABSENT, state(cluster, node), "node " + node);
      assertFalse(cluster.store(node).has(hash(RELEASED)), "node " + node);
      assertEquals(0, cluster.store(node).wanted().count(), "node " + node);
      for (byte[] plain : List.of(KEPT, LATER)) {
        assertEquals(1, cluster.store(node).references(hash(plain)), "node " + node);
        assertArrayEquals(plain, cluster.nodes.get(node).read(hash(plain), plain.length));
      }
    }
  }

  private static Hash hash(byte[] plain) {
    return TestBytes.hash(plain);
  }

  private static ReferenceState state(BlockCluster cluster, int node) {
    BlockReference reference = new BlockReference(hash(RELEASED), BlockCluster.dataId(1));
    return cluster.store(node).rows().state(reference);
  }

  /** Changes the layout; a node that is away learns nothing of it. */
  private static void change(BlockCluster cluster, List<Integer> keepers) {
    List<NodeId> next = keepers.stream().map(cluster::id).toList();
    LayoutHistory now = cluster.history(1);
    now = now.apply(BlockCluster.version(now.current().number() + 1, 3, next));
    tell(cluster, now);
    for (int i = 0; !now.epoch().isStable(); i++) {
      assertTrue(i < TRIES_MAX, "the change goes on");
      cluster.world.clock().sleep(Duration.ofSeconds(10));
      boolean ready =
          Partition.all().stream()
              .allMatch(p -> keepers.stream().allMatch(node -> cluster.ready(node, p)));
      if (ready) {
        now = now.advance();
        tell(cluster, now);
      }
    }
  }

  private static void tell(BlockCluster cluster, LayoutHistory history) {
    for (int i = 0; i < cluster.nodes.size(); i++) {
      if (!cluster.mesh.down.contains(cluster.id(i))) {
        cluster.tell(i, history);
      }
    }
  }
}
