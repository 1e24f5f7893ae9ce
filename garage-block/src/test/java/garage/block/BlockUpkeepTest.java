package garage.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.TestBytes;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.common.worker.Worker;
import garage.common.worker.WorkerRunner;
import garage.db.Batch;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What happens in the background besides anti-entropy: scrub, collection, repairs, leaving. */
final class BlockUpkeepTest {
  private static final byte[] PLAIN = TestBytes.MIXED.bytes(3, 150_000);
  private static final Hash HASH = TestBytes.hash(PLAIN);
  private static final Uuid ONE = BlockCluster.dataId(1);

  private static void on(int size, Consumer<BlockCluster> test) {
    Simulation.run(1, world -> test.accept(new BlockCluster(world, size, 3)));
  }

  private static void rest(BlockCluster cluster, Duration time) {
    cluster.world.clock().sleep(time);
  }

  private static void release(BlockCluster cluster, Uuid dataId) {
    cluster.blocks.get(0).release(List.of(HASH), dataId, cluster.deadline(0));
  }

  @Test
  void releasedReferencesAreForgottenOnceAllReplicasKnowAndNotBefore() {
    on(
        3,
        cluster -> {
          cluster.work();
          cluster.put(0, PLAIN, ONE);
          cluster.settle();
          cluster.mesh.down.add(cluster.id(2));
          release(cluster, ONE);
          rest(cluster, Duration.ofMinutes(100));
          BlockReference reference = new BlockReference(HASH, ONE);
          assertEquals(ReferenceState.RELEASED, cluster.store(0).rows().state(reference));
          cluster.mesh.down.clear();
          rest(cluster, Duration.ofHours(2));
          for (int i = 0; i < 3; i++) {
            assertEquals(ReferenceState.ABSENT, cluster.store(i).rows().state(reference));
            assertFalse(cluster.store(i).has(HASH));
            assertEquals(0, cluster.store(i).rows().sums().of(Partition.of(HASH))[second()]);
            assertTrue(cluster.store(i).rows().tombstones(9).isEmpty());
          }
        });
  }

  private static int second() {
    return HASH.toBytes()[1] & 0xff;
  }

  @Test
  void aNodeThatLeftKeepsItsCopiesUntilEveryNewReplicaHasThem() {
    on(
        4,
        cluster -> {
          cluster.put(0, PLAIN, ONE);
          cluster.settle();
          List<NodeId> next = List.of(cluster.id(1), cluster.id(2), cluster.id(3));
          LayoutHistory copy = cluster.history(0).apply(BlockCluster.version(2, 3, next));
          cluster.mesh.down.add(cluster.id(3));
          cluster.tellAll(copy.settle());
          cluster.work();
          rest(cluster, Duration.ofMinutes(10));
          assertTrue(cluster.store(0).has(HASH), "node 3 has nothing yet");
          assertEquals(1, cluster.upkeeps.get(0).transition().leaving());
          cluster.mesh.down.clear();
          rest(cluster, Duration.ofMinutes(30));
          assertArrayEquals(PLAIN, cluster.nodes.get(3).read(HASH, PLAIN.length));
          assertFalse(cluster.store(0).has(HASH));
          assertEquals(0, cluster.store(0).references(HASH));
          assertEquals(0, cluster.upkeeps.get(0).transition().leaving());
        });
  }

  @Test
  void aNodeWithoutALayoutHasNothingToDoAndSaysSo() {
    on(
        3,
        cluster -> {
          cluster.tellAll(LayoutHistory.initial(new ReplicationFactor(3)));
          cluster.work();
          rest(cluster, Duration.ofMinutes(2));
          assertEquals(0, cluster.upkeeps.get(0).transition().leaving());
          assertEquals(List.of(), cluster.upkeeps.get(0).operations().errors(1));
        });
  }

  @Test
  void aScrubFindsABitFlippedAnywhereAndAMissingFileAndAllIsMended() {
    on(
        3,
        cluster -> {
          List<byte[]> contents = new ArrayList<>();
          for (int i = 0; i < 6; i++) {
            contents.add(TestBytes.MIXED.bytes(i, 1000 + 20_000 * i));
            cluster.put(0, contents.get(i), ONE);
          }
          cluster.settle();
          cluster.work();
          for (int i = 0; i < 5; i++) {
            String path = cluster.path(0, TestBytes.hash(contents.get(i)));
            cluster.nodes.get(0).disk().rot(path);
          }
          cluster.nodes.get(0).disk().delete(cluster.path(0, TestBytes.hash(contents.get(5))));
          BlockOperations operations = cluster.upkeeps.get(0).operations();
          operations.startScrub();
          rest(cluster, Duration.ofMinutes(30));
          assertEquals(6, operations.scrub().bad());
          assertFalse(operations.scrub().running());
          for (byte[] plain : contents) {
            Hash hash = TestBytes.hash(plain);
            assertArrayEquals(plain, cluster.nodes.get(0).read(hash, plain.length));
          }
        });
  }

  @Test
  void aScrubRunsByItselfOnceAMonthAndGoesOnAfterARestart() {
    Simulation.run(
        3,
        world -> {
          BlockNode node = new BlockNode(world.node("n"), Duration.ofMillis(1));
          Scrub scrub = new Scrub(node.blocks(), node.node.random(), true);
          long next = scrub.state().nextRun();
          long days = Duration.ofMillis(next - node.node.clock().wallMillis()).toDays();
          assertTrue(days >= 24 && days <= 35, days + " days");
          WorkerRunner runner = new WorkerRunner(node.node.clock(), node.node.tasks());
          runner.start(scrub);
          node.node.jumpWall(Duration.ofDays(36));
          world.clock().sleep(Duration.ofMinutes(2));
          assertTrue(scrub.state().lastCompleted() >= next);
          runner.close();
          scrub.start();
          for (int i = 0; i < 100; i++) {
            scrub.step();
          }
          scrub.pause();
          assertEquals(100, scrub.state().leaf());
          Scrub again = new Scrub(node.blocks(), node.node.random(), true);
          assertEquals(100, again.state().leaf());
          assertEquals(ScrubState.Phase.PAUSED, again.state().phase());
          again.resume();
          again.step();
          assertEquals(101, again.state().leaf());
          again.cancel();
          assertEquals(ScrubState.Phase.IDLE, again.state().phase());
        });
  }

  @Test
  void aWipedDataDirectoryIsFilledAgain() {
    on(
        3,
        cluster -> {
          cluster.put(0, PLAIN, ONE);
          cluster.settle();
          cluster.work();
          for (String file : List.copyOf(cluster.nodes.get(0).disk().files())) {
            cluster.nodes.get(0).disk().delete(file);
          }
          cluster.upkeeps.get(0).operations().checkBlocks();
          rest(cluster, Duration.ofMinutes(10));
          assertArrayEquals(PLAIN, cluster.nodes.get(0).read(HASH, PLAIN.length));
        });
  }

  @Test
  void aLookForMissingBlocksThatAStopCutShortIsBegunAgain() {
    on(
        3,
        cluster -> {
          BlockNode node = cluster.nodes.get(0);
          cluster.upkeeps.get(0).operations().checkBlocks();
          node.closeCleanly();
          node.reopen();
          assertTrue(node.blocks().sweepProgress().remaining() > 0);
        });
  }

  @Test
  void blocksWithoutRowsAreKeptUntilPeersHaveSaidWhatTheyKnowAndThenUsedOrCollected() {
    on(
        3,
        cluster -> {
          byte[] orphan = TestBytes.RANDOM.bytes(8, 5000);
          cluster.mesh.down.add(cluster.id(2));
          cluster.put(0, PLAIN, ONE);
          cluster.settle();
          for (byte[] plain : List.of(PLAIN, orphan)) {
            cluster
                .store(2)
                .files()
                .write(TestBytes.hash(plain), ByteBuffer.wrap(plain)); // metadata was lost
          }
          cluster.work();
          cluster.upkeeps.get(2).operations().checkBlocks();
          rest(cluster, Duration.ofMinutes(20));
          assertTrue(cluster.store(2).has(HASH));
          assertTrue(cluster.store(2).has(TestBytes.hash(orphan)), "nobody has been asked yet");
          cluster.mesh.down.clear();
          rest(cluster, Duration.ofMinutes(20));
          assertEquals(1, cluster.store(2).references(HASH));
          assertArrayEquals(PLAIN, cluster.nodes.get(2).read(HASH, PLAIN.length));
          assertFalse(cluster.store(2).has(TestBytes.hash(orphan)));
        });
  }

  @Test
  void aNodeThatKeepsNoPartitionCollectsWhatACrashLeftThereToo() {
    Simulation.run(
        1,
        world -> {
          BlockCluster cluster = new BlockCluster(world, 4, 3);
          cluster.store(3).files().write(HASH, ByteBuffer.wrap(PLAIN));
          cluster.upkeeps.get(3).operations().checkBlocks();
          cluster.work();
          rest(cluster, Duration.ofMinutes(20));
          assertFalse(cluster.store(3).has(HASH));
          for (Worker worker : cluster.upkeeps.get(3).workers()) {
            assertEquals(0, worker.queueLength(), worker.name());
          }
        });
  }

  @Test
  void referencesOfDataThatIsNoMoreAreReleasedAndCountsAndSumsPutRight() {
    on(
        3,
        cluster -> {
          Uuid two = BlockCluster.dataId(2);
          cluster.put(0, PLAIN, ONE);
          cluster.put(0, PLAIN, two);
          cluster.settle();
          cluster.work(0);
          BlockOperations operations = cluster.upkeeps.get(0).operations();
          operations.checkReferences(two::equals);
          rest(cluster, Duration.ofMinutes(1));
          assertEquals(1, cluster.store(0).references(HASH));
          Batch wrong = new Batch();
          cluster.store(0).rows().setCount(wrong, HASH, 7);
          cluster.store(0).rows().sums().correct(wrong, Partition.of(HASH), second(), 99);
          cluster.store(0).store().commit(wrong);
          long sum = cluster.store(0).rows().sums().of(Partition.of(HASH))[second()];
          operations.recount();
          rest(cluster, Duration.ofMinutes(1));
          assertEquals(1, cluster.store(0).references(HASH));
          assertEquals(sum - 99, cluster.store(0).rows().sums().of(Partition.of(HASH))[second()]);
        });
  }

  @Test
  void theOperatorSeesWhatFailsAndHasItTriedAgain() {
    on(
        3,
        cluster -> {
          cluster.put(0, PLAIN, ONE);
          cluster.settle();
          cluster.work(0);
          cluster.mesh.down.addAll(Set.of(cluster.id(1), cluster.id(2)));
          cluster.nodes.get(0).disk().delete(cluster.path(0, HASH));
          assertThrows(GarageException.class, () -> cluster.read(0, HASH, 0, PLAIN.length));
          rest(cluster, Duration.ofMinutes(20));
          BlockOperations operations = cluster.upkeeps.get(0).operations();
          BlockOperations.Failing failing = operations.errors(10).getFirst();
          assertEquals(HASH, failing.hash());
          assertTrue(failing.errors() > 2);
          assertTrue(failing.nextTryMillis() > failing.lastTryMillis());
          BlockOperations.Known info = operations.info(HASH.toString().substring(0, 9));
          assertEquals(List.of(new BlockOperations.Reference(ONE, false)), info.references());
          assertFalse(info.here());
          assertThrows(GarageException.Missing.class, () -> operations.info("ffff0000"));
          assertThrows(GarageException.InvalidInput.class, () -> operations.info("xyz"));
          cluster.mesh.down.clear();
          assertEquals(1, operations.retryAll());
          rest(cluster, Duration.ofSeconds(20));
          assertEquals(List.of(), operations.errors(10));
          assertArrayEquals(PLAIN, cluster.nodes.get(0).read(HASH, PLAIN.length));
        });
  }
}
