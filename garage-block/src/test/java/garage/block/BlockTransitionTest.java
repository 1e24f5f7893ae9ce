package garage.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.disk.TestBytes;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Clients write, copy, release and read blocks while nodes come and go and the layout changes
 * twice. Whatever was acknowledged can be read all the time, and in the end every replica has what
 * is referenced, and nobody has anything else.
 */
final class BlockTransitionTest {
  private static final int NODES = 5;
  private static final int CLIENTS = 3;
  private static final int TRIES_MAX = 60;
  private static final Duration PHASE = Duration.ofMinutes(1);

  @Test
  void nothingAcknowledgedIsLostWhileTheLayoutChanges() {
    for (long seed = 0; seed < 3; seed++) {
      Simulation.run(seed, world -> new Scenario(world).run());
    }
  }

  private enum Known {
    HELD,
    RELEASED,
    UNKNOWN
  }

  private static final class Scenario {
    private final BlockCluster cluster;
    private final Simulation world;
    private final SeededRandom random;
    private final Map<BlockReference, Known> known = new TreeMap<>();
    private final Map<Hash, byte[]> contents = new TreeMap<>();
    private int names;
    private int done;
    private int reads;
    private boolean over;

    Scenario(Simulation world) {
      this.world = world;
      this.random = world.random();
      this.cluster = new BlockCluster(world, NODES, 3);
      for (int i = 0; i < 8; i++) {
        byte[] plain = TestBytes.RANDOM.bytes(i, 100 + 20_000 * i);
        contents.put(TestBytes.hash(plain), plain);
      }
    }

    void run() {
      cluster.work();
      for (int i = 0; i < CLIENTS; i++) {
        int at = i;
        SeededRandom mine = random.split("client " + i);
        var task = world.tasks().start("client " + i, () -> client(at, mine));
        assertFalse(task.isDone());
      }
      disturb(PHASE);
      for (List<Integer> keepers : List.of(List.of(1, 2, 3), List.of(2, 3, 4))) {
        change(keepers.stream().map(cluster::id).toList());
      }
      over = true;
      cluster.mesh.down.clear();
      cluster.tellAll(cluster.history(newest())); // as gossip does
      world.clock().sleep(Duration.ofMinutes(15));
      check(List.of(2, 3, 4));
      assertTrue(done > 20 && reads > 10, done + " changes and " + reads + " reads");
    }

    /** Lets nodes come and go, one at a time, so that there is always a quorum. */
    private void disturb(Duration time) {
      for (long left = time.toSeconds(); left > 0; left -= 10) {
        cluster.mesh.down.clear();
        if (random.chance(0.5)) {
          cluster.mesh.down.add(cluster.id(random.nextInt(NODES)));
        }
        world.clock().sleep(Duration.ofSeconds(10));
      }
    }

    private void change(List<NodeId> next) {
      LayoutHistory now = cluster.history(newest());
      now = now.apply(BlockCluster.version(now.current().number() + 1, 3, next));
      tell(next, now);
      for (int i = 0; !now.epoch().isStable(); i++) {
        assertTrue(i < TRIES_MAX, "the change goes on");
        disturb(Duration.ofSeconds(20));
        if (isQuorumReady(now, next)) {
          now = now.advance();
          tell(next, now);
        }
      }
      disturb(PHASE);
    }

    /** One of the new nodes knows first; the others learn it from its messages. */
    private void tell(List<NodeId> next, LayoutHistory history) {
      cluster.tell(cluster.ids().indexOf(next.get(random.nextInt(next.size()))), history);
    }

    private int newest() {
      int newest = 0;
      for (int i = 1; i < NODES; i++) {
        newest =
            cluster.history(i).epoch().compareTo(cluster.history(newest).epoch()) > 0 ? i : newest;
      }
      return newest;
    }

    private boolean isQuorumReady(LayoutHistory now, List<NodeId> next) {
      return Partition.all().stream()
          .allMatch(p -> next.stream().filter(node -> isReady(now, node, p)).count() >= 2);
    }

    private boolean isReady(LayoutHistory now, NodeId node, Partition partition) {
      int i = cluster.ids().indexOf(node);
      return cluster.history(i).epoch().equals(now.epoch()) && cluster.ready(i, partition);
    }

    private void client(int at, SeededRandom mine) {
      List<Hash> hashes = List.copyOf(contents.keySet());
      while (!over) {
        Hash hash = hashes.get(mine.nextInt(hashes.size()));
        switch (mine.nextInt(4)) {
          case 0 -> put(at, hash);
          case 1 -> copy(at, hash);
          case 2 -> release(at, hash, mine);
          default -> read(at, hash);
        }
        world.clock().sleep(Duration.ofMillis(500 + mine.nextInt(3000)));
      }
    }

    private byte[] plain(Hash hash) {
      return Objects.requireNonNull(contents.get(hash));
    }

    private Uuid fresh() {
      names++;
      return Uuid.of(TestBytes.hash(("data " + names).getBytes(UTF_8)).toBytes());
    }

    private void put(int at, Hash hash) {
      Uuid data = fresh();
      change(new BlockReference(hash, data), Known.HELD, () -> cluster.put(at, plain(hash), data));
    }

    private void copy(int at, Hash hash) {
      if (known.entrySet().stream().noneMatch(e -> isHeld(e, hash))) {
        return;
      }
      Uuid data = fresh();
      change(
          new BlockReference(hash, data),
          Known.HELD,
          () -> cluster.blocks.get(at).reference(List.of(hash), data, cluster.deadline(at)));
    }

    private void release(int at, Hash hash, SeededRandom mine) {
      List<BlockReference> held =
          known.entrySet().stream().filter(e -> isHeld(e, hash)).map(Map.Entry::getKey).toList();
      if (!held.isEmpty()) {
        BlockReference reference = held.get(mine.nextInt(held.size()));
        change(
            reference,
            Known.RELEASED,
            () ->
                cluster
                    .blocks
                    .get(at)
                    .release(List.of(hash), reference.dataId(), cluster.deadline(at)));
      }
    }

    private void read(int at, Hash hash) {
      boolean held = known.entrySet().stream().anyMatch(e -> isHeld(e, hash));
      if (held && !cluster.mesh.down.contains(cluster.id(at))) {
        byte[] plain = plain(hash);
        assertArrayEquals(plain, cluster.read(at, hash, 0, plain.length));
        reads++;
      }
    }

    private static boolean isHeld(Map.Entry<BlockReference, Known> entry, Hash hash) {
      return entry.getValue() == Known.HELD && entry.getKey().hash().equals(hash);
    }

    private void change(BlockReference reference, Known after, Runnable operation) {
      known.put(reference, Known.UNKNOWN);
      try {
        operation.run();
        known.put(reference, after);
        done++;
      } catch (GarageException e) {
        // Too few nodes: it was done or not.
      }
    }

    private void check(List<Integer> keepers) {
      for (int i : keepers) {
        BlockStore store = cluster.store(i);
        String node = "node " + i;
        known.forEach((reference, state) -> {
          boolean present = store.rows().present(reference);
          switch (state) {
            case HELD -> assertTrue(present, node + " lost " + reference);
            case RELEASED -> assertFalse(present, node + " has again " + reference);
            case UNKNOWN ->
                assertEquals(cluster.store(keepers.getFirst()).rows().present(reference), present);
          }
        });
        contents.forEach((hash, plain) -> {
          assertEquals(store.rows().countNeeding(hash), store.references(hash));
          assertEquals(store.references(hash) > 0, store.has(hash), node + " " + hash);
          if (store.has(hash)) {
            assertArrayEquals(plain, cluster.nodes.get(i).read(hash, plain.length));
          }
        });
        assertEquals(0, store.wanted().count());
      }
      for (int i = 0; i < NODES; i++) {
        if (!keepers.contains(i)) {
          assertEquals(Set.of(), cluster.nodes.get(i).blockFiles(), "node " + i);
          assertEquals(0, cluster.upkeeps.get(i).transition().leaving());
        }
      }
    }
  }
}
