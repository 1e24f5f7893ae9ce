package garage.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.BlockFiles;
import garage.block.disk.CollectingSink;
import garage.block.disk.DataDirectories;
import garage.block.disk.DataDirectory;
import garage.block.disk.SpaceReserve;
import garage.block.disk.TestBytes;
import garage.common.id.ByteSize;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.worker.WorkerState;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.testkit.env.SimDisk;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Blocks move when the data directories of a node change. */
final class RebalanceTest {
  private static final int BLOCKS = 60;
  private static final Uuid DATA = BlockCluster.dataId(1);

  /** One node whose data directories change from start to start. */
  private static final class Node {
    final SimNode sim;
    final MemoryStorage storage = new MemoryStorage();
    final List<byte[]> contents = new ArrayList<>();
    private @Nullable MemoryStore store;

    Node(Simulation world) {
      this.sim = world.node("n");
      for (int i = 0; i < BLOCKS; i++) {
        contents.add(TestBytes.MIXED.bytes(i, 1000 + i));
      }
    }

    SimDisk disk(String name) {
      return sim.disk(name);
    }

    DataDirectory directory(String name, long weight, boolean readOnly) {
      return new DataDirectory(name, disk(name), weight, readOnly);
    }

    BlockStore open(DataDirectory... directories) {
      BlockFiles files =
          new BlockFiles(
              DataDirectories.open(sim.disk("meta"), List.of(directories), sim.random()),
              true,
              OptionalInt.of(1),
              SpaceReserve.of(new ByteSize(0)),
              sim.clock());
      if (store != null) {
        store.close();
      }
      store =
          new MemoryStore(storage, BlockTrees.all().keySet(), sim.clock(), Duration.ofMillis(1));
      return BlockStore.open(files, store, sim.clock(), Duration.ofMinutes(1));
    }

    void put(BlockStore blocks) {
      for (byte[] plain : contents) {
        blocks.put(TestBytes.hash(plain), ByteBuffer.wrap(plain), DATA);
      }
    }

    void check(BlockStore blocks) {
      for (byte[] plain : contents) {
        CollectingSink sink = new CollectingSink(false);
        blocks.read(TestBytes.hash(plain), 0, plain.length, sink);
        assertArrayEquals(plain, sink.bytes());
      }
    }

    long filesOn(String name) {
      return disk(name).files().stream().filter(f -> f.contains("/")).count();
    }
  }

  private static void rebalance(BlockStore blocks) {
    Rebalance rebalance = new Rebalance(blocks);
    rebalance.ask();
    while (!(rebalance.step() instanceof WorkerState.Idle)) {
      // until it is done
    }
  }

  @Test
  void aNewDirectoryGetsItsShareAndAReadOnlyOneIsEmptied() {
    Simulation.run(
        1,
        world -> {
          Node node = new Node(world);
          node.put(node.open(node.directory("one", 1, false)));
          BlockStore both =
              node.open(node.directory("one", 1, false), node.directory("two", 1, false));
          node.check(both);
          assertEquals(0, node.filesOn("two"));
          rebalance(both);
          node.check(both);
          assertTrue(node.filesOn("two") > BLOCKS / 4, node.filesOn("two") + " files");
          assertEquals(BLOCKS, node.filesOn("one") + node.filesOn("two"));
          BlockStore readOnly =
              node.open(node.directory("one", 1, true), node.directory("two", 1, false));
          node.check(readOnly);
          rebalance(readOnly);
          node.check(readOnly);
          assertEquals(0, node.filesOn("one"));
          node.check(node.open(node.directory("two", 1, false)));
        });
  }

  @Test
  void aDamagedBlockIsNotMovedAndTheOthersAre() {
    Simulation.run(
        2,
        world -> {
          Node node = new Node(world);
          node.put(node.open(node.directory("one", 1, false)));
          Hash hash = TestBytes.hash(node.contents.getFirst());
          String path = hash.toString().substring(0, 2) + "/" + hash;
          node.disk("one").rot(path);
          BlockStore blocks =
              node.open(node.directory("one", 1, true), node.directory("two", 1, false));
          rebalance(blocks);
          assertEquals(1, node.filesOn("one"));
          assertEquals(BLOCKS - 1, node.filesOn("two"));
          assertEquals(1, blocks.inspect(hash), "it is still found");
        });
  }

  @Test
  void whatADiskThatCannotBeWrittenHoldsIsCopiedAndStillFound() {
    Simulation.run(
        3,
        world -> {
          Node node = new Node(world);
          node.put(node.open(node.directory("one", 1, false)));
          BlockStore blocks =
              node.open(node.directory("one", 1, true), node.directory("two", 1, false));
          node.disk("two").capacity(20_000);
          rebalance(blocks);
          node.check(blocks);
          node.disk("two").capacity(100_000_000);
          rebalance(blocks);
          node.check(blocks);
          assertEquals(0, node.filesOn("one"));
        });
  }
}
