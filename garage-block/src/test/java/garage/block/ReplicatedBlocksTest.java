package garage.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.BlockSink;
import garage.block.disk.TestBytes;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.layout.LayoutHistory;
import garage.rpc.CallOptions;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Blocks over several nodes: quorums, replicas that fail, and memory that is given back. */
final class ReplicatedBlocksTest {
  private static final byte[] PLAIN = TestBytes.RANDOM.bytes(1, 600_000);
  private static final Hash HASH = TestBytes.hash(PLAIN);
  private static final Uuid DATA = Uuid.of(HASH.toBytes());
  private static final Uuid COPY = Uuid.of(TestBytes.hash(new byte[1]).toBytes());

  /** Three nodes or so that all hold everything, and one block. */
  private static final class Cluster {
    final BlockCluster nodesOf;
    final FakeMesh mesh;
    final List<BlockNode> nodes;
    final List<ReplicatedBlocks> blocks;
    final BlockMemory memory;
    final Simulation world;

    Cluster(Simulation world, int size) {
      this.nodesOf = new BlockCluster(world, size, size);
      this.mesh = nodesOf.mesh;
      this.nodes = nodesOf.nodes;
      this.blocks = nodesOf.blocks;
      this.memory = nodesOf.memory;
      this.world = world;
    }

    NodeId id(int i) {
      return nodesOf.id(i);
    }

    Deadline deadline() {
      return deadline(0);
    }

    Deadline deadline(int i) {
      return nodesOf.deadline(i);
    }

    void put() {
      nodesOf.put(0, PLAIN, DATA);
    }

    byte[] read(int from, int to) {
      return nodesOf.read(0, HASH, from, to);
    }

    void settle() {
      nodesOf.settle();
    }

    void rot(int i) {
      nodesOf.rot(i, HASH, 500_000);
    }

    long seconds(Runnable action) {
      long before = world.clock().nanos();
      action.run();
      return (world.clock().nanos() - before) / 1_000_000_000L;
    }
  }

  private static void on(int size, Consumer<Cluster> test) {
    for (long seed = 0; seed < 10; seed++) {
      Simulation.run(seed, world -> test.accept(new Cluster(world, size)));
    }
  }

  @Test
  void theOnlyReplicaIsCalledDirectly() {
    on(
        1,
        cluster -> {
          cluster.put();
          assertArrayEquals(PLAIN, cluster.read(0, PLAIN.length));
          cluster.blocks.get(0).reference(List.of(HASH), COPY, cluster.deadline());
          cluster.blocks.get(0).release(List.of(HASH), DATA, cluster.deadline());
          assertEquals(1, cluster.nodes.get(0).blocks().references(HASH));
          assertEquals(0, cluster.mesh.calls);
          assertEquals(0, cluster.memory.lent());
        });
  }

  @Test
  void aWriteGoesToAllAndIsAcknowledgedByAQuorum() {
    on(
        3,
        cluster -> {
          cluster.mesh.down.add(cluster.id(2));
          cluster.put();
          cluster.settle();
          assertTrue(cluster.nodes.get(0).blocks().has(HASH));
          assertTrue(cluster.nodes.get(1).blocks().has(HASH));
          cluster.mesh.down.clear();
          cluster.put();
          cluster.settle();
          for (BlockNode node : cluster.nodes) {
            assertArrayEquals(PLAIN, node.read(HASH, PLAIN.length));
            assertEquals(1, node.blocks().references(HASH));
          }
          assertEquals(0, cluster.memory.lent());
        });
  }

  @Test
  void memoryIsGivenBackWhenTheLastReplicaHasAnswered() {
    on(
        3,
        cluster -> {
          cluster.mesh.frozen.add(cluster.id(1));
          cluster.put();
          assertEquals(PLAIN.length, cluster.memory.lent());
          cluster.settle();
          assertEquals(0, cluster.memory.lent());
        });
  }

  @Test
  void withoutAQuorumTheWriteFailsAndTheMemoryIsGivenBack() {
    on(
        3,
        cluster -> {
          cluster.mesh.down.add(cluster.id(1));
          cluster.mesh.down.add(cluster.id(2));
          assertThrows(GarageException.QuorumNotReached.class, cluster::put);
          cluster.settle();
          assertEquals(0, cluster.memory.lent());
        });
  }

  @Test
  void fullDisksAreReportedAsSuch() {
    on(
        3,
        cluster -> {
          cluster.nodes.get(0).disk().capacity(1000);
          cluster.nodes.get(1).disk().capacity(1000);
          assertThrows(GarageException.StorageFull.class, cluster::put);
        });
  }

  @Test
  void whatArrivesGarbledIsNotStored() {
    on(
        3,
        cluster -> {
          cluster.mesh.garbled.add(cluster.id(2));
          cluster.put();
          cluster.settle();
          assertTrue(cluster.nodes.get(1).blocks().has(HASH));
          assertFalse(cluster.nodes.get(2).blocks().has(HASH));
        });
  }

  @Test
  void aReadGoesOnAtAnotherReplicaWhereOneIsDamaged() {
    on(
        3,
        cluster -> {
          cluster.put();
          cluster.settle();
          cluster.rot(0);
          assertArrayEquals(PLAIN, cluster.read(0, PLAIN.length));
          assertEquals(1, cluster.nodes.get(0).blocks().statistics().quarantined());
          assertArrayEquals(PLAIN, cluster.read(0, PLAIN.length));
        });
  }

  @Test
  void aFrozenReplicaIsHedgedAfterASecondAtMost() {
    on(
        3,
        cluster -> {
          cluster.put();
          cluster.settle();
          cluster.rot(0);
          List<NodeId> others = new ArrayList<>(List.of(cluster.id(1), cluster.id(2)));
          cluster.mesh.frozen.add(others.stream().sorted().findFirst().orElseThrow());
          assertEquals(1, cluster.seconds(() -> assertWhole(cluster.read(0, PLAIN.length))));
        });
  }

  @Test
  void aSlowReplicaThatAnswersInTheEndIsAsGoodAsAny() {
    on(
        2,
        cluster -> {
          cluster.put();
          cluster.settle();
          cluster.rot(0);
          cluster.mesh.delays.put(cluster.id(1), Duration.ofSeconds(20));
          assertEquals(20, cluster.seconds(() -> assertWhole(cluster.read(0, PLAIN.length))));
        });
  }

  @Test
  void aReplicaThatDiesHalfWayIsFollowedByTheNextAtThatByte() {
    byte[] large = TestBytes.RANDOM.bytes(9, 3 << 20);
    Hash hash = TestBytes.hash(large);
    on(
        3,
        cluster -> {
          for (int i = 1; i < 3; i++) {
            cluster.nodes.get(i).blocks().put(hash, ByteBuffer.wrap(large), DATA);
          }
          NodeId first = List.of(cluster.id(1), cluster.id(2)).stream().sorted().toList().get(0);
          cluster.mesh.answersLeft.put(first, 1);
          assertArrayEquals(large, cluster.nodesOf.read(0, hash, 0, large.length));
          assertTrue(cluster.mesh.down.contains(first), "it was asked and died");
        });
  }

  @Test
  void aReplicaThatSendsWrongBytesIsFollowedByTheNext() {
    on(
        3,
        cluster -> {
          cluster.put();
          cluster.settle();
          cluster.rot(0);
          cluster.mesh.liars.add(cluster.id(1));
          assertArrayEquals(PLAIN, cluster.read(0, PLAIN.length));
          assertArrayEquals(Arrays.copyOfRange(PLAIN, 5, 99), cluster.read(5, 99));
          cluster.mesh.liars.add(cluster.id(2));
          assertThrows(GarageException.Corrupt.class, () -> cluster.read(0, PLAIN.length));
        });
  }

  private static void assertWhole(byte[] bytes) {
    assertArrayEquals(PLAIN, bytes);
  }

  @Test
  void aReadOfWhatNobodyHasIsMissingAndOfWhatIsDamagedEverywhereCorrupt() {
    on(
        3,
        cluster -> {
          assertThrows(GarageException.Missing.class, () -> cluster.read(0, 1));
          cluster.put();
          cluster.settle();
          for (int i = 0; i < 3; i++) {
            cluster.rot(i);
          }
          assertThrows(GarageException.Corrupt.class, () -> cluster.read(0, PLAIN.length));
        });
  }

  /** A client is to come back: who is away may have the block whole. */
  @Test
  void aReadOfWhatOnlyNodesThatAreAwayHaveWholeIsUnreachable() {
    on(
        3,
        cluster -> {
          cluster.put();
          cluster.settle();
          cluster.rot(0);
          cluster.mesh.down.add(cluster.id(1));
          cluster.mesh.down.add(cluster.id(2));
          assertThrows(GarageException.Unreachable.class, () -> cluster.read(0, PLAIN.length));
        });
  }

  @Test
  void aSinkThatFailsIsNotFedByTheNextReplica() {
    on(
        3,
        cluster -> {
          cluster.put();
          cluster.settle();
          int[] accepted = {0};
          BlockSink sink =
              bytes -> {
                accepted[0]++;
                throw new GarageException.Unreachable("the client went away");
              };
          Deadline deadline = cluster.deadline();
          assertThrows(
              GarageException.Unreachable.class,
              () -> cluster.blocks.get(0).read(HASH, 0, PLAIN.length, sink, deadline));
          assertEquals(1, accepted[0]);
        });
  }

  @Test
  void referencesAreAddedAndTakenBackEverywhere() {
    on(
        3,
        cluster -> {
          cluster.put();
          cluster.settle();
          cluster.blocks.get(1).reference(List.of(HASH), COPY, cluster.deadline(1));
          cluster.settle();
          cluster.blocks.get(2).release(List.of(HASH), DATA, cluster.deadline(2));
          cluster.settle();
          for (BlockNode node : cluster.nodes) {
            assertEquals(1, node.blocks().references(HASH));
          }
        });
  }

  @Test
  void aReferenceToABlockThatIsNotOnAQuorumIsMissing() {
    on(
        3,
        cluster -> {
          Hash missing = TestBytes.hash(new byte[7]);
          assertThrows(
              GarageException.Missing.class,
              () -> cluster.blocks.get(0).reference(List.of(missing), COPY, cluster.deadline()));
        });
  }

  /** A block that no node has, and that is asked for later than {@code hash}. */
  private static Hash missingAfter(Hash hash) {
    return IntStream.range(0, 1000)
        .mapToObj(i -> TestBytes.hash(new byte[i]))
        .filter(missing -> missing.compareTo(hash) > 0)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aBlockFetchedForAReferenceThatIsNotMadeDoesNotStay() {
    on(
        3,
        cluster -> {
          cluster.mesh.down.add(cluster.id(2));
          cluster.put();
          cluster.settle();
          cluster.mesh.down.clear();
          assertThrows(
              GarageException.Missing.class,
              () ->
                  cluster
                      .blocks
                      .get(0)
                      .reference(List.of(HASH, missingAfter(HASH)), COPY, cluster.deadline()));
          cluster.settle();
          assertTrue(cluster.nodes.get(2).blocks().has(HASH), "it was fetched");
          cluster.blocks.get(0).release(List.of(HASH), DATA, cluster.deadline());
          cluster.nodesOf.work();
          cluster.world.clock().sleep(Duration.ofHours(2));
          for (BlockNode node : cluster.nodes) {
            assertFalse(node.blocks().has(HASH));
          }
        });
  }

  @Test
  void aPeerThatAsksForTooMuchOrForNonsenseIsRefused() {
    on(
        2,
        cluster -> {
          SimNode client = cluster.world.node("client");
          Rpc rpc = cluster.mesh.join(client);
          Deadline soon = Deadline.after(client.clock(), Duration.ofMinutes(1));
          CallOptions options = new CallOptions(Priority.CLIENT, soon);
          Payload<BlockMessages.Put> empty =
              new Payload<>(new BlockMessages.Put(5, HASH, DATA), ByteBuffer.allocate(0));
          assertThrows(
              GarageException.InvalidInput.class,
              () -> rpc.call(cluster.id(0), BlockMessages.PUT, empty, options));
          Payload<BlockMessages.Put> strange =
              new Payload<>(new BlockMessages.Put(5, HASH, DATA), ByteBuffer.wrap(new byte[9]));
          assertThrows(
              GarageException.Corrupt.class,
              () -> rpc.call(cluster.id(0), BlockMessages.PUT, strange, options));
          assertThrows(
              GarageException.InvalidInput.class,
              () -> new BlockMessages.Read(5, HASH, 0, BlockMessages.READ_BYTES_MAX + 1, false));
          cluster.put();
          cluster.settle();
          BlockMessages.Read beyond = new BlockMessages.Read(5, HASH, 0, PLAIN.length + 1, false);
          assertThrows(
              GarageException.InvalidInput.class,
              () -> rpc.call(cluster.id(0), BlockMessages.READ, beyond, options));
        });
  }

  @Test
  void aNodeThatIsBehindLearnsTheLayoutAndItsWriteCountsInTheNewEpochOnly() {
    for (long seed = 0; seed < 10; seed++) {
      Simulation.run(
          seed,
          world -> {
            BlockCluster cluster = new BlockCluster(world, 4, 3);
            List<NodeId> next = List.of(cluster.id(1), cluster.id(2), cluster.id(3));
            LayoutHistory copy = cluster.history(1).apply(BlockCluster.version(2, 3, next));
            cluster.tell(1, copy);
            cluster.put(0, PLAIN, DATA);
            cluster.settle();
            assertEquals(copy.epoch(), cluster.history(0).epoch());
            for (int i = 0; i < 4; i++) {
              assertEquals(1, cluster.store(i).references(HASH), "node " + i);
            }
          });
    }
  }

  @Test
  void whileNodesAreFilledTheyGetWritesButDoNotCount() {
    for (long seed = 0; seed < 10; seed++) {
      Simulation.run(
          seed,
          world -> {
            BlockCluster cluster = new BlockCluster(world, 6, 3);
            List<NodeId> next = List.of(cluster.id(3), cluster.id(4), cluster.id(5));
            LayoutHistory copy = cluster.history(0).apply(BlockCluster.version(2, 3, next));
            cluster.tellAll(copy);
            cluster.mesh.down.addAll(List.of(cluster.id(1), cluster.id(2)));
            assertThrows(GarageException.QuorumNotReached.class, () -> cluster.put(0, PLAIN, DATA));
            cluster.mesh.down.clear();
            cluster.mesh.down.addAll(next);
            cluster.put(0, PLAIN, DATA);
            cluster.tellAll(copy.advance());
            assertThrows(GarageException.QuorumNotReached.class, () -> cluster.put(0, PLAIN, COPY));
            cluster.mesh.down.remove(cluster.id(3));
            cluster.mesh.down.remove(cluster.id(4));
            cluster.put(0, PLAIN, COPY);
          });
    }
  }

  @Test
  void aReadFallsBackToWhereBlocksWereInOlderLayouts() {
    Simulation.run(
        1,
        world -> {
          BlockCluster cluster = new BlockCluster(world, 2, 1);
          cluster.put(0, PLAIN, DATA);
          List<NodeId> next = List.of(cluster.id(1));
          LayoutHistory copy = cluster.history(0).apply(BlockCluster.version(2, 1, next));
          for (LayoutHistory stage : List.of(copy, copy.advance(), copy.settle())) {
            cluster.tellAll(stage);
            assertArrayEquals(PLAIN, cluster.read(1, HASH, 0, PLAIN.length));
          }
        });
  }
}
