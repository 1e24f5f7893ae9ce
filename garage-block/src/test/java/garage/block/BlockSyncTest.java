package garage.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.TestBytes;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.db.Batch;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Replicas come together by themselves: references, then the blocks they need. */
final class BlockSyncTest {
  private static final byte[] PLAIN = TestBytes.MIXED.bytes(3, 150_000);
  private static final Hash HASH = TestBytes.hash(PLAIN);

  private static final byte[] OTHER = TestBytes.RANDOM.bytes(99, 70_000);
  private static final Hash OTHER_HASH = TestBytes.hash(OTHER);

  private static void on(int size, Consumer<BlockCluster> test) {
    for (long seed = 0; seed < 2; seed++) {
      Simulation.run(seed, world -> test.accept(new BlockCluster(world, size, 3)));
    }
  }

  private static void rest(BlockCluster cluster, Duration time) {
    cluster.world.clock().sleep(time);
  }

  @Test
  void aReplicaThatWasAwayGetsReferenceAndBlock() {
    on(
        3,
        cluster -> {
          cluster.work();
          cluster.mesh.down.add(cluster.id(2));
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.settle();
          assertEquals(0, cluster.store(2).references(HASH));
          cluster.mesh.down.clear();
          cluster.upkeeps.get(0).connected(cluster.id(2));
          rest(cluster, Duration.ofSeconds(40));
          assertEquals(1, cluster.store(2).references(HASH));
          assertArrayEquals(PLAIN, cluster.nodes.get(2).read(HASH, PLAIN.length));
          assertEquals(0, cluster.store(2).wanted().count());
        });
  }

  /** Three nodes ask two others each about 256 partitions, 32 at once. */
  @Test
  void whatIsEqualIsNotComparedPartitionByPartition() {
    on(
        3,
        cluster -> {
          cluster.work();
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.settle();
          rest(cluster, ReferenceSync.ROUND_EVERY.multipliedBy(2));
          int before = cluster.mesh.calls;
          rest(cluster, ReferenceSync.ROUND_EVERY.multipliedBy(2));
          int rounds = 3 * 2 * Partition.COUNT / 32;
          int made = cluster.mesh.calls - before;
          assertTrue(made >= rounds && made <= 3 * rounds, made + " calls");
        });
  }

  @Test
  void aReleaseThatAReplicaMissedReachesItAndItsBlockGoes() {
    on(
        3,
        cluster -> {
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.settle();
          cluster.mesh.down.add(cluster.id(2));
          cluster.blocks.get(0).release(List.of(HASH), BlockCluster.dataId(1), cluster.deadline(0));
          cluster.settle();
          cluster.mesh.down.clear();
          cluster.work();
          rest(cluster, Duration.ofMinutes(2));
          for (int i = 0; i < 3; i++) {
            assertEquals(0, cluster.store(i).references(HASH));
            assertFalse(cluster.store(i).has(HASH), "node " + i);
          }
        });
  }

  @Test
  void aDamagedOrUnreadableOrMissingCopyIsServedByAnotherAndMended() {
    on(
        3,
        cluster -> {
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.settle();
          cluster.work();
          for (String damage : List.of("rot", "break", "delete")) {
            String path = cluster.path(0, HASH);
            switch (damage) {
              case "rot" -> cluster.nodes.get(0).disk().rot(path);
              case "break" -> cluster.nodes.get(0).disk().breakFile(path);
              default -> cluster.nodes.get(0).disk().delete(path);
            }
            assertArrayEquals(PLAIN, cluster.read(0, HASH, 0, PLAIN.length), damage);
            rest(cluster, Duration.ofMinutes(1));
            assertArrayEquals(PLAIN, cluster.nodes.get(0).read(HASH, PLAIN.length), damage);
            assertEquals(0, cluster.store(0).wanted().count());
          }
          assertTrue(cluster.nodes.get(0).blockFiles().contains(HASH + ".corrupted"), "evidence");
        });
  }

  @Test
  void whatCannotBeFetchedIsTriedAgainLaterAndLater() {
    on(
        3,
        cluster -> {
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.settle();
          cluster.work(0);
          cluster.mesh.down.addAll(List.of(cluster.id(1), cluster.id(2)));
          cluster.nodes.get(0).disk().delete(cluster.path(0, HASH));
          cluster.store(0).inspect(HASH);
          rest(cluster, Duration.ofMinutes(8));
          WantedBlock entry = cluster.store(0).wanted().list(null, 1).getFirst().block();
          assertEquals(4, entry.errors(), "at 0, 1, 3 and 7 minutes");
          assertEquals(
              Duration.ofMinutes(8).toMillis(), entry.nextTryMillis() - entry.lastTryMillis());
          cluster.mesh.down.clear();
          rest(cluster, Duration.ofMinutes(8));
          assertArrayEquals(PLAIN, cluster.nodes.get(0).read(HASH, PLAIN.length));
        });
  }

  @Test
  void whatFailedForWantOfANodeIsTriedAgainSoonAfterItIsThere() {
    on(
        3,
        cluster -> {
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.settle();
          cluster.work(0);
          cluster.mesh.down.addAll(List.of(cluster.id(1), cluster.id(2)));
          cluster.nodes.get(0).disk().delete(cluster.path(0, HASH));
          cluster.store(0).inspect(HASH);
          rest(cluster, Duration.ofMinutes(8)); // the next try is in eight minutes
          cluster.mesh.down.clear();
          cluster.upkeeps.get(0).connected(cluster.id(1));
          cluster.upkeeps.get(0).connected(cluster.id(2));
          rest(cluster, Duration.ofSeconds(10));
          assertArrayEquals(PLAIN, cluster.nodes.get(0).read(HASH, PLAIN.length));
        });
  }

  @Test
  void whatAClockThatWasAheadHasNotedIsNotWaitedFor() {
    on(
        3,
        cluster -> {
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.put(0, OTHER, BlockCluster.dataId(2));
          cluster.settle();
          long ahead =
              cluster.nodes.get(0).node.clock().wallMillis() + Duration.ofHours(1).toMillis();
          cluster.nodes.get(0).disk().delete(cluster.path(0, HASH));
          cluster.nodes.get(0).disk().delete(cluster.path(0, OTHER_HASH));
          Batch batch = new Batch();
          WantedRows wanted = cluster.store(0).wanted();
          wanted.put(batch, HASH, WantedBlock.at(ahead));
          wanted.put(batch, OTHER_HASH, WantedBlock.at(ahead).failed(ahead, "away"));
          cluster.store(0).store().commit(batch);
          cluster.work(0); // as after a start
          rest(cluster, Duration.ofMinutes(1));
          assertArrayEquals(PLAIN, cluster.nodes.get(0).read(HASH, PLAIN.length));
          assertArrayEquals(OTHER, cluster.nodes.get(0).read(OTHER_HASH, OTHER.length));
          assertEquals(0, wanted.count());
        });
  }

  @Test
  void aReplicaThatLostABlockFetchesItBeforeItSaysYesToAReference() {
    on(
        3,
        cluster -> {
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.settle();
          for (int i = 1; i < 3; i++) {
            cluster.nodes.get(i).disk().delete(cluster.path(i, HASH));
          }
          cluster
              .blocks
              .get(0)
              .reference(List.of(HASH), BlockCluster.dataId(2), cluster.deadline(0));
          cluster.settle();
          for (int i = 0; i < 3; i++) {
            assertArrayEquals(PLAIN, cluster.nodes.get(i).read(HASH, PLAIN.length));
          }
        });
  }

  @Test
  void afterAnyMixOfMissedMessagesReplicasAreTheSame() {
    for (long seed = 0; seed < 3; seed++) {
      Simulation.run(seed, world -> mix(new BlockCluster(world, 3, 3), world.random()));
    }
  }

  private static void mix(BlockCluster cluster, SeededRandom random) {
    cluster.work();
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      contents.add(TestBytes.RANDOM.bytes(i, 100 + 30_000 * i));
    }
    for (int i = 0; i < 40; i++) {
      cluster.mesh.down.clear();
      if (random.chance(0.7)) {
        cluster.mesh.down.add(cluster.id(random.nextInt(3)));
      }
      byte[] plain = contents.get(random.nextInt(contents.size()));
      int by = cluster.mesh.down.contains(cluster.id(0)) ? 1 : 0;
      cluster.put(by, plain, BlockCluster.dataId(i));
      if (random.chance(0.6)) {
        List<Hash> hashes = List.of(TestBytes.hash(plain));
        cluster.blocks.get(by).release(hashes, BlockCluster.dataId(i), cluster.deadline(by));
      }
      rest(cluster, Duration.ofSeconds(random.nextInt(100)));
    }
    cluster.mesh.down.clear();
    rest(cluster, Duration.ofMinutes(40));
    for (Partition partition : Partition.all()) {
      long[] sums = cluster.store(0).rows().sums().of(partition);
      for (int i = 1; i < 3; i++) {
        assertTrue(Arrays.equals(sums, cluster.store(i).rows().sums().of(partition)));
      }
    }
    for (byte[] plain : contents) {
      Hash hash = TestBytes.hash(plain);
      for (int i = 0; i < 3; i++) {
        boolean needed = cluster.store(i).references(hash) > 0;
        assertEquals(needed, cluster.store(i).has(hash), "node " + i);
        if (needed) {
          assertArrayEquals(plain, cluster.nodes.get(i).read(hash, plain.length));
        }
      }
    }
  }

  @Test
  void newNodesAreReadyWhenTheyHaveLearntAndFetchedEverythingAndNotBefore() {
    on(
        4,
        cluster -> {
          Partition partition = Partition.of(HASH);
          cluster.put(0, PLAIN, BlockCluster.dataId(1));
          cluster.settle();
          List<NodeId> next = List.of(cluster.id(1), cluster.id(2), cluster.id(3));
          LayoutHistory copy = cluster.history(0).apply(BlockCluster.version(2, 3, next));
          cluster.tellAll(copy);
          assertFalse(cluster.ready(3, partition), "nothing was learnt");
          cluster.mesh.down.addAll(Set.of(cluster.id(0), cluster.id(1)));
          cluster.work();
          rest(cluster, Duration.ofMinutes(2));
          assertFalse(cluster.ready(3, partition), "one of three old nodes is no quorum");
          cluster.mesh.down.remove(cluster.id(1));
          rest(cluster, Duration.ofMinutes(2));
          assertTrue(cluster.ready(3, partition), "two of three are");
          assertTrue(cluster.nodes.get(3).blocks().has(HASH));
          cluster.tellAll(copy.advance());
          assertFalse(cluster.ready(3, partition), "a new epoch needs to be verified again");
          rest(cluster, Duration.ofMinutes(2));
          assertTrue(cluster.ready(3, partition));
          assertArrayEquals(PLAIN, cluster.nodes.get(3).read(HASH, PLAIN.length));
        });
  }
}
