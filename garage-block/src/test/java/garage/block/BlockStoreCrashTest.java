package garage.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.TestBytes;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.worker.WorkerRunner;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Many tasks add, take back and read references to few blocks while the collector and the sweep run
 * and the process is killed or loses power at any moment. After each restart: what was acknowledged
 * is there and reads back, and every count is the number of rows. In the end: no file and no row
 * without a reference, also after a stop in order and a loss of power.
 */
final class BlockStoreCrashTest {
  private static final int BLOCKS = 5;
  private static final int CLIENTS = 6;
  private static final int CRASHES = 4;

  @Test
  void killsLoseNothingAndLeakNothing() {
    for (long seed = 0; seed < 40; seed++) {
      Simulation.run(seed, world -> new Scenario(world, 0).run());
    }
  }

  @Test
  void killsAndLossesOfPowerLoseNothingAndLeakNothing() {
    for (long seed = 1000; seed < 1040; seed++) {
      Simulation.run(seed, world -> new Scenario(world, 0.6).run());
    }
  }

  /** What a client knows of a reference. */
  private enum Known {
    HELD,
    RELEASED,
    UNKNOWN
  }

  private static final class Scenario {
    private final Simulation world;
    private final double losePower;
    private final BlockNode node;
    private final List<byte[]> contents = new ArrayList<>();
    private final Map<BlockReference, Known> known = new TreeMap<>();

    private final int[] generations = new int[CLIENTS];

    Scenario(Simulation world, double losePower) {
      this.world = world;
      this.losePower = losePower;
      this.node = new BlockNode(world.node("n"), Duration.ofMillis(1), Duration.ofMillis(5));
      for (int i = 0; i < BLOCKS; i++) {
        TestBytes kind = i % 2 == 0 ? TestBytes.MIXED : TestBytes.RANDOM;
        contents.add(kind.bytes(i, 100 + 40_000 * i));
      }
    }

    void run() {
      for (int crash = 0; crash < CRASHES; crash++) {
        node.disk().latency(Duration.ZERO, Duration.ofMillis(2));
        node.startEagerWorkers();
        for (int i = 0; i < CLIENTS; i++) {
          SeededRandom random = world.random().split("client " + crash + " " + i);
          int name = i;
          var task = node.node.tasks().start("client " + i, () -> client(name, random));
          assertTrue(!task.isDone());
        }
        world.clock().sleep(Duration.ofMillis(world.random().nextInt(400)));
        if (world.random().chance(losePower)) {
          node.powerOff();
        } else {
          node.kill();
        }
        node.reopen();
        check();
      }
      try (WorkerRunner workers = node.startWorkers()) {
        world.clock().sleep(Duration.ofMinutes(30));
        check();
      }
      checkFiles();
      node.closeCleanly();
      node.powerOff();
      node.reopen();
      check();
      checkFiles();
    }

    private void checkFiles() {
      Set<String> needed =
          node.referenced().stream()
              .map(Hash::toString)
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(needed, node.blockFiles());
    }

    private void client(int client, SeededRandom random) {
      while (true) {
        Uuid dataId = dataId(client);
        int i = random.nextInt(BLOCKS);
        byte[] plain = contents.get(i);
        BlockReference reference = new BlockReference(TestBytes.hash(plain), dataId);
        switch (random.nextInt(5)) {
          case 0 -> change(reference, Known.HELD, () -> put(reference, plain));
          case 1 -> {
            change(reference, Known.RELEASED, () -> release(reference));
            generations[client]++; // what was released is not made again
          }
          case 2 -> change(reference, Known.HELD, () -> refer(reference));
          case 3 -> putFresh(dataId, random);
          default -> {
            if (known.get(reference) == Known.HELD) {
              assertArrayEquals(plain, node.read(reference.hash(), plain.length));
            }
          }
        }
        node.node.clock().sleep(Duration.ofMillis(random.nextInt(30)));
      }
    }

    private Uuid dataId(int client) {
      int generation = generations[client];
      return Uuid.of(TestBytes.hash((client + " " + generation).getBytes(UTF_8)).toBytes());
    }

    /** A block that nobody else ever names, so that nothing but the sweep can find what is left. */
    private void putFresh(Uuid dataId, SeededRandom random) {
      byte[] plain = random.bytes(50);
      BlockReference reference = new BlockReference(TestBytes.hash(plain), dataId);
      change(reference, Known.HELD, () -> put(reference, plain));
      if (random.chance(0.5)) {
        change(reference, Known.RELEASED, () -> release(reference));
      }
    }

    private void change(BlockReference reference, Known after, Runnable operation) {
      Known before = known.getOrDefault(reference, Known.RELEASED);
      known.put(reference, Known.UNKNOWN);
      try {
        operation.run();
        known.put(reference, after);
      } catch (GarageException.Missing e) {
        assertEquals(Known.RELEASED, before, "a referenced block was missing");
        known.put(reference, before);
      }
    }

    private void put(BlockReference reference, byte[] plain) {
      node.blocks().put(reference.hash(), ByteBuffer.wrap(plain), reference.dataId());
    }

    private void refer(BlockReference reference) {
      node.blocks().reference(List.of(reference.hash()), reference.dataId());
    }

    private void release(BlockReference reference) {
      node.blocks().release(List.of(reference.hash()), reference.dataId());
    }

    private void check() {
      ReferenceRows rows = node.blocks().rows();
      known.replaceAll((reference, state) -> {
        boolean present = rows.present(reference);
        switch (state) {
          case HELD -> assertTrue(present, "an acknowledged reference is lost");
          case RELEASED -> assertTrue(!present, "a released reference came back");
          case UNKNOWN -> {}
        }
        return present ? Known.HELD : Known.RELEASED;
      });
      for (byte[] plain : contents) {
        Hash hash = TestBytes.hash(plain);
        assertEquals(rows.countNeeding(hash), rows.count(hash));
        if (rows.needed(hash)) {
          assertArrayEquals(plain, node.read(hash, plain.length));
        }
      }
    }
  }
}
