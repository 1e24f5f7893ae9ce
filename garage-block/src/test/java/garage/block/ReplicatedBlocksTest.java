package garage.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.BlockSink;
import garage.block.disk.CollectingSink;
import garage.block.disk.TestBytes;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.rpc.CallOptions;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Blocks over several nodes: quorums, replicas that fail, and memory that is given back. */
final class ReplicatedBlocksTest {
  private static final int BLOCK = 1 << 20;
  private static final byte[] PLAIN = TestBytes.RANDOM.bytes(1, 600_000);
  private static final Hash HASH = TestBytes.hash(PLAIN);
  private static final Uuid DATA = Uuid.of(HASH.toBytes());
  private static final Uuid COPY = Uuid.of(TestBytes.hash(new byte[1]).toBytes());

  /** Nodes that all hold everything. */
  private static final class Cluster {
    final FakeMesh mesh = new FakeMesh();
    final List<BlockNode> nodes = new ArrayList<>();
    final List<ReplicatedBlocks> blocks = new ArrayList<>();
    final BlockMemory memory;
    final Simulation world;

    Cluster(Simulation world, int size) {
      this.world = world;
      this.memory = new BlockMemory(world.node("n0").clock(), BLOCK, 4 * BLOCK);
      for (int i = 0; i < size; i++) {
        nodes.add(new BlockNode(world.node("n" + i), Duration.ofMillis(1)));
      }
      List<NodeId> ids = nodes.stream().map(n -> n.node.id()).toList();
      int quorum = size / 2 + 1;
      for (BlockNode node : nodes) {
        SimNode sim = node.node;
        Rpc rpc = mesh.join(sim);
        blocks.add(
            ReplicatedBlocks.start(
                node.blocks(),
                new ReplicatedBlocks.Mesh(rpc, FakeMesh.preference(sim.id())),
                partition -> new BlockPlacement.Replicas(List.of(ids), quorum),
                memory,
                new ReplicatedBlocks.Env(sim.clock(), sim.tasks())));
      }
    }

    NodeId id(int i) {
      return nodes.get(i).node.id();
    }

    /** A minute from now, by the clock of the first node. */
    Deadline deadline() {
      return deadline(0);
    }

    /** Monotonic clocks have origins of their own. */
    Deadline deadline(int i) {
      return Deadline.after(nodes.get(i).node.clock(), Duration.ofMinutes(1));
    }

    void put() {
      BlockBuffer buffer = blocks.get(0).buffer(PLAIN.length, deadline());
      buffer.bytes().put(PLAIN).flip();
      blocks.get(0).put(HASH, buffer, DATA, deadline());
    }

    byte[] read(int from, int to) {
      CollectingSink sink = new CollectingSink(false);
      blocks.get(0).read(HASH, from, to, sink, deadline());
      return sink.bytes();
    }

    void settle() {
      world.clock().sleep(Duration.ofMinutes(2));
    }

    void rot(int i) {
      nodes.get(i).disk().rot(path(i), 500_000);
    }

    private String path(int i) {
      return nodes.get(i).disk().files().stream()
          .filter(f -> f.endsWith(HASH.toString()))
          .findFirst()
          .orElseThrow();
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
  void aFrozenReplicaDelaysAReadByItsShareOnly() {
    on(
        3,
        cluster -> {
          cluster.put();
          cluster.settle();
          cluster.rot(0);
          List<NodeId> others = new ArrayList<>(List.of(cluster.id(1), cluster.id(2)));
          cluster.mesh.frozen.add(others.stream().sorted().findFirst().orElseThrow());
          long before = cluster.world.clock().nanos();
          assertArrayEquals(PLAIN, cluster.read(0, PLAIN.length));
          long seconds = (cluster.world.clock().nanos() - before) / 1_000_000_000L;
          assertEquals(5, seconds);
        });
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
              new Payload<>(new BlockMessages.Put(HASH, DATA), ByteBuffer.allocate(0));
          assertThrows(
              GarageException.InvalidInput.class,
              () -> rpc.call(cluster.id(0), BlockMessages.PUT, empty, options));
          assertThrows(
              GarageException.InvalidInput.class,
              () -> new BlockMessages.Read(HASH, 0, BlockMessages.READ_BYTES_MAX + 1));
          cluster.put();
          cluster.settle();
          BlockMessages.Read beyond = new BlockMessages.Read(HASH, 0, PLAIN.length + 1);
          assertThrows(
              GarageException.InvalidInput.class,
              () -> rpc.call(cluster.id(0), BlockMessages.READ, beyond, options));
        });
  }
}
