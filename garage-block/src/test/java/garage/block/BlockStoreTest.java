package garage.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.TestBytes;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.worker.WorkerRunner;
import garage.common.worker.WorkerState;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Blocks of one node: references, deletion, damage, failure. */
final class BlockStoreTest {
  private static final byte[] PLAIN = TestBytes.MIXED.bytes(1, 100_000);
  private static final Hash HASH = TestBytes.hash(PLAIN);
  private static final Uuid ONE = Uuid.of(HASH.toBytes());
  private static final Uuid TWO = Uuid.of(TestBytes.hash(new byte[2]).toBytes());
  private static final Duration LATER = BlockNode.COLLECT_DELAY.plusMillis(1);

  private static void on(Consumer<BlockNode> test) {
    Simulation.run(1, world -> test.accept(new BlockNode(world.node("n"), Duration.ofMillis(1))));
  }

  private static void put(BlockNode node, Uuid dataId) {
    node.blocks().put(HASH, ByteBuffer.wrap(PLAIN), dataId);
  }

  private static void collectLater(BlockNode node) {
    node.node.clock().sleep(LATER);
    while (node.worker(0).step() instanceof WorkerState.Busy) {
      // until nothing is due
    }
  }

  @Test
  void aStoredBlockIsReadAndHasItsReference() {
    on(node -> {
      put(node, ONE);
      assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
      assertEquals(1, node.blocks().references(HASH));
    });
  }

  @Test
  void anIdenticalBlockIsStoredOnceAndCountedTwice() {
    on(node -> {
      put(node, ONE);
      put(node, ONE);
      put(node, TWO);
      assertEquals(2, node.blocks().references(HASH));
      assertEquals(1, node.blocks().statistics().blockSyncs());
    });
  }

  @Test
  void aBlockGoesWithItsLastReferenceAfterTheDelay() {
    on(node -> {
      put(node, ONE);
      put(node, TWO);
      node.blocks().release(List.of(HASH), ONE);
      collectLater(node);
      assertTrue(node.blocks().has(HASH));
      node.blocks().release(List.of(HASH), TWO);
      node.worker(0).step();
      assertTrue(node.blocks().has(HASH), "before the delay");
      collectLater(node);
      assertFalse(node.blocks().has(HASH));
      assertEquals(0, node.rows());
    });
  }

  @Test
  void aNewReferenceWithinTheDelayKeepsTheBlock() {
    on(node -> {
      put(node, ONE);
      node.blocks().release(List.of(HASH), ONE);
      node.blocks().reference(List.of(HASH), TWO);
      collectLater(node);
      assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
      assertEquals(2, node.rows());
    });
  }

  @Test
  void theDelayCountsFromTheLastRelease() {
    on(node -> {
      put(node, ONE);
      node.blocks().release(List.of(HASH), ONE);
      node.node.clock().sleep(Duration.ofMillis(30));
      put(node, TWO);
      node.blocks().release(List.of(HASH), TWO);
      node.node.clock().sleep(Duration.ofMillis(30));
      node.worker(0).step();
      assertTrue(node.blocks().has(HASH));
      collectLater(node);
      assertFalse(node.blocks().has(HASH));
      assertEquals(0, node.rows());
    });
  }

  @Test
  void releasingTwiceTakesNobodyElsesReference() {
    on(node -> {
      put(node, ONE);
      put(node, TWO);
      node.blocks().release(List.of(HASH, HASH), ONE);
      node.blocks().release(List.of(HASH), ONE);
      assertEquals(1, node.blocks().references(HASH));
      collectLater(node);
      assertTrue(node.blocks().has(HASH));
    });
  }

  @Test
  void aReferenceThatWasReleasedIsNotMadeAgainByAMessageThatComesLate() {
    on(node -> {
      node.blocks().release(List.of(HASH), ONE);
      assertThrows(GarageException.Conflict.class, () -> put(node, ONE));
      put(node, TWO);
      assertThrows(
          GarageException.Conflict.class, () -> node.blocks().reference(List.of(HASH), ONE));
      assertEquals(1, node.blocks().references(HASH));
    });
  }

  @Test
  void aReferenceToAMissingBlockIsRefusedAndNoneIsMade() {
    on(node -> {
      put(node, ONE);
      Hash missing = TestBytes.hash(new byte[3]);
      assertThrows(
          GarageException.Missing.class,
          () -> node.blocks().reference(List.of(HASH, missing), TWO));
      assertEquals(1, node.blocks().references(HASH));
    });
  }

  @Test
  void manyReferencesAreTakenInOneCall() {
    on(node -> {
      List<Hash> hashes = new ArrayList<>();
      for (int i = 1; i <= 1500; i++) {
        byte[] plain = TestBytes.RANDOM.bytes(i, 10);
        hashes.add(TestBytes.hash(plain));
        node.blocks().put(hashes.getLast(), ByteBuffer.wrap(plain), ONE);
      }
      node.blocks().reference(hashes, TWO);
      node.blocks().release(hashes, ONE);
      assertTrue(hashes.stream().allMatch(h -> node.blocks().references(h) == 1));
      node.blocks().release(hashes, TWO);
      collectLater(node);
      assertEquals(Set.of(), node.blockFiles());
      assertEquals(0, node.rows());
    });
  }

  @Test
  void aFileThatNobodyReferredToIsNotTrustedToBeDurable() {
    for (long seed = 0; seed < 20; seed++) {
      Simulation.run(
          seed,
          world -> {
            BlockNode node = new BlockNode(world.node("n"), Duration.ofMillis(1));
            node.unsyncedFiles().write(HASH, ByteBuffer.wrap(PLAIN)); // and killed before the sync
            node.kill();
            node.reopen();
            put(node, ONE);
            node.powerOff();
            node.reopen();
            assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
          });
    }
  }

  @Test
  void theCollectorNeverTakesWhatIsBeingStoredAgain() {
    for (long seed = 0; seed < 60; seed++) {
      Simulation.run(
          seed,
          world -> {
            BlockNode node =
                new BlockNode(world.node("n"), Duration.ofMillis(1), Duration.ofMillis(3));
            node.disk().latency(Duration.ZERO, Duration.ofMillis(2));
            node.startEagerWorkers();
            List<Tasks.Task> tasks = new ArrayList<>();
            for (int client = 0; client < 2; client++) {
              int name = client;
              tasks.add(node.node.tasks().start("client", () -> holdAndRelease(node, name)));
            }
            tasks.forEach(Tasks.Task::join);
            node.node.clock().sleep(Duration.ofSeconds(1));
            assertEquals(Set.of(), node.blockFiles());
            assertEquals(0, node.rows());
          });
    }
  }

  private static void holdAndRelease(BlockNode node, int client) {
    byte[] small = TestBytes.TEXT.bytes(1, 500);
    Hash hash = TestBytes.hash(small);
    for (int round = 0; round < 15; round++) {
      Uuid dataId = BlockCluster.dataId(2 * round + client);
      node.blocks().put(hash, ByteBuffer.wrap(small), dataId);
      assertArrayEquals(small, node.read(hash, small.length));
      node.node.clock().sleep(Duration.ofMillis(node.node.random().nextInt(4)));
      assertArrayEquals(small, node.read(hash, small.length));
      node.blocks().release(List.of(hash), dataId);
      node.node.clock().sleep(Duration.ofMillis(node.node.random().nextInt(12)));
    }
  }

  @Test
  void aDamagedBlockIsPutAsideWhenReadAndStoredAnewWhenPut() {
    on(node -> {
      put(node, ONE);
      rot(node);
      assertThrows(GarageException.Corrupt.class, () -> node.read(HASH, PLAIN.length));
      assertThrows(GarageException.Missing.class, () -> node.read(HASH, PLAIN.length));
      assertEquals(1, node.blocks().statistics().quarantined());
      put(node, TWO);
      assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
    });
  }

  @Test
  void theOnlyCopyIsThereAgainOnceItsDiskIsReadAgain() {
    on(node -> {
      put(node, ONE);
      node.disk().failReads(1);
      assertThrows(GarageException.StorageFailed.class, () -> node.read(HASH, PLAIN.length));
      assertFalse(node.blocks().has(HASH));
      node.disk().failReads(0);
      assertTrue(node.blocks().settle(HASH));
      assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
    });
  }

  @Test
  void aPutDoesNotTrustADamagedFile() {
    on(node -> {
      put(node, ONE);
      rot(node);
      put(node, TWO);
      assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
    });
  }

  @Test
  void anUnreadableBlockIsPutAsideAndStoredAnew() {
    on(node -> {
      put(node, ONE);
      node.disk().breakFile(path(node));
      assertThrows(GarageException.StorageFailed.class, () -> node.read(HASH, PLAIN.length));
      assertThrows(GarageException.Missing.class, () -> node.read(HASH, PLAIN.length));
      put(node, TWO);
      assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
      assertEquals(Set.of(HASH + "", HASH + ".corrupted"), node.blockFiles(), "evidence");
    });
  }

  @Test
  void whatIsNeededAndCannotBeReadIsWanted() {
    on(node -> {
      put(node, ONE);
      rot(node);
      assertThrows(GarageException.Corrupt.class, () -> node.read(HASH, PLAIN.length));
      assertEquals(1, node.blocks().wanted().count());
      assertEquals(HASH, node.blocks().wanted().list(null, 9).getFirst().hash());
      node.disk().delete((HASH + "").substring(0, 2) + "/" + HASH + ".corrupted");
      assertThrows(GarageException.Missing.class, () -> node.read(HASH, PLAIN.length));
      assertEquals(1, node.blocks().wanted().count());
    });
  }

  private static String path(BlockNode node) {
    return node.disk().files().stream()
        .filter(f -> f.endsWith("" + HASH))
        .findFirst()
        .orElseThrow();
  }

  private static void rot(BlockNode node) {
    String path =
        node.disk().files().stream().filter(f -> f.endsWith("" + HASH)).findFirst().orElseThrow();
    node.disk().rot(path);
  }

  @Test
  void aFullStoreOfMetadataLeavesAFileThatTheSweepFinds() {
    on(node -> {
      node.startWorkers();
      node.node.clock().sleep(Duration.ofMinutes(10));
      node.storage.setFull(true);
      assertThrows(GarageException.StorageFull.class, () -> put(node, ONE));
      node.storage.setFull(false);
      assertTrue(node.blocks().has(HASH));
      node.node.clock().sleep(Duration.ofHours(2));
      assertEquals(Set.of(), node.blockFiles());
      assertEquals(0, node.rows());
    });
  }

  @Test
  void aCleanStopNeedsNoSweepAndAnyOtherDoes() {
    on(node -> {
      assertEquals(0, node.worker(1).queueLength(), "the first start");
      node.closeCleanly();
      node.reopen();
      assertEquals(0, node.worker(1).queueLength());
      node.kill();
      node.reopen();
      assertTrue(node.worker(1).queueLength() > 0, "after a kill");
      node.closeCleanly();
      node.reopen();
      assertTrue(node.worker(1).queueLength() > 0, "a round that was not finished");
    });
  }

  /** As {@link #on}, for each of the outcomes a loss of power may have. */
  private static void onMany(Consumer<BlockNode> test) {
    for (long seed = 0; seed < 20; seed++) {
      Simulation.run(
          seed, world -> test.accept(new BlockNode(world.node("n"), Duration.ofMillis(1))));
    }
  }

  private static void deleteOne(BlockNode node) {
    put(node, ONE);
    node.blocks().release(List.of(HASH), ONE);
    collectLater(node);
    assertEquals(Set.of(), node.blockFiles());
  }

  /** The machine loses power after its process has stopped in order, and is started again. */
  private static void losePowerWhileStopped(BlockNode node) {
    node.closeCleanly();
    node.powerOff();
    node.reopen();
  }

  @Test
  void aLossOfPowerAfterACleanStopBringsNoBlockBack() {
    onMany(node -> {
      deleteOne(node);
      losePowerWhileStopped(node);
      assertEquals(0, node.worker(1).queueLength(), "nobody looks");
      assertEquals(Set.of(), node.blockFiles());
    });
  }

  @Test
  void aLossOfPowerAfterACleanStopBringsNothingBackThatAKilledProcessDeleted() {
    onMany(node -> {
      deleteOne(node);
      node.kill();
      node.reopen();
      try (WorkerRunner workers = node.startWorkers()) {
        node.node.clock().sleep(Duration.ofMinutes(10));
        assertEquals(0, node.blocks().sweepProgress().remaining());
      }
      losePowerWhileStopped(node);
      assertEquals(0, node.worker(1).queueLength(), "nobody looks");
      assertEquals(Set.of(), node.blockFiles());
    });
  }

  @Test
  void aStopThatCannotMakeDeletionsDurableIsNotClean() {
    onMany(node -> {
      deleteOne(node);
      node.disk().failSyncs(1);
      node.closeCleanly();
      node.disk().failSyncs(0);
      node.powerOff();
      node.reopen();
      assertTrue(node.worker(1).queueLength() > 0);
      node.startWorkers();
      node.node.clock().sleep(Duration.ofMinutes(10));
      assertEquals(Set.of(), node.blockFiles());
    });
  }

  @Test
  void aDoubtOutlivesAStartThatFailedBeforeTheBlocksWereOpened() {
    on(node -> {
      node.blocks().close();
      BlockStore.doubt(node.store());
      node.kill();
      node.reopen();
      assertTrue(node.worker(1).queueLength() > 0);
    });
  }

  @Test
  void aStopIsNoErrorWhereTheMetadataCannotBeWritten() {
    on(node -> {
      node.storage.setFull(true);
      node.closeCleanly();
      node.storage.setFull(false);
      node.reopen();
      assertTrue(node.worker(1).queueLength() > 0);
    });
  }

  @Test
  void theSweepRemovesRemainsAndKeepsWhatIsNeeded() {
    on(node -> {
      put(node, ONE);
      byte[] orphan = TestBytes.RANDOM.bytes(5, 1000);
      Hash orphanHash = TestBytes.hash(orphan);
      node.blocks().files().write(orphanHash, ByteBuffer.wrap(orphan));
      String hex = HASH.toString();
      String leaf = hex.substring(0, 2) + "/";
      node.disk().create(leaf + hex + ".tmp").close();
      node.disk().create(leaf + hex + ".corrupted").close();
      node.disk().create(leaf + "notes").close();
      node.kill();
      node.reopen();
      node.startWorkers();
      node.node.clock().sleep(Duration.ofMinutes(10));
      assertEquals(Set.of(hex, hex + ".corrupted", "notes"), node.blockFiles());
      assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
    });
  }

  @Test
  void aDamagedFileIsKeptWhileItIsAllThereIs() {
    on(node -> {
      put(node, ONE);
      rot(node);
      assertThrows(GarageException.Corrupt.class, () -> node.read(HASH, PLAIN.length));
      node.kill();
      node.reopen();
      node.startWorkers();
      node.node.clock().sleep(Duration.ofMinutes(10));
      assertEquals(Set.of(HASH + ".corrupted"), node.blockFiles());
      node.blocks().release(List.of(HASH), ONE);
      node.node.clock().sleep(Duration.ofMinutes(10));
      assertEquals(Set.of(), node.blockFiles());
    });
  }

  @Test
  void concurrentFirstPutsOfTheSameBytesWriteOneFile() {
    for (long seed = 0; seed < 30; seed++) {
      Simulation.run(
          seed,
          world -> {
            BlockNode node = new BlockNode(world.node("n"), Duration.ofMillis(1));
            List<Tasks.Task> tasks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
              Uuid dataId = Uuid.of(TestBytes.hash(new byte[i % 5]).toBytes());
              tasks.add(node.node.tasks().start("put " + i, () -> put(node, dataId)));
            }
            tasks.forEach(Tasks.Task::join);
            assertEquals(5, node.blocks().references(HASH));
            assertEquals(1, node.blocks().statistics().blockSyncs());
          });
    }
  }

  @Test
  void concurrentPutsOfTheSameBytesByDifferentDataAllCount() {
    for (long seed = 0; seed < 30; seed++) {
      Simulation.run(
          seed,
          world -> {
            BlockNode node = new BlockNode(world.node("n"), Duration.ofMillis(1));
            put(node, Uuid.of(HASH.toBytes()));
            List<Tasks.Task> tasks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
              Uuid dataId = Uuid.of(TestBytes.hash(new byte[i % 5]).toBytes());
              tasks.add(node.node.tasks().start("put " + i, () -> put(node, dataId)));
            }
            tasks.forEach(Tasks.Task::join);
            assertEquals(6, node.blocks().references(HASH));
            assertEquals(1, node.blocks().statistics().blockSyncs());
          });
    }
  }
}
