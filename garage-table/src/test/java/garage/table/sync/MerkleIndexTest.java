package garage.table.sync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.db.Batch;
import garage.db.memory.MemoryStore;
import garage.layout.Partition;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class MerkleIndexTest {
  private static final Partition HERE = Partition.of(7);
  private static final Partition ELSEWHERE = Partition.of(8);

  @Test
  void treesAreEqualWhenRowsAreWhateverTheirHistory() {
    for (long seed = 1; seed <= 20; seed++) {
      Simulation.run(
          seed,
          simulation -> {
            Rows one = new Rows(simulation);
            Rows other = new Rows(simulation);
            SeededRandom random = simulation.random();
            for (int i = 0; i < 300; i++) {
              Rows rows = random.nextInt(2) == 0 ? one : other;
              byte[] state = random.nextInt(4) == 0 ? null : random.bytes(1 + random.nextInt(2));
              rows.set(HERE, key(random.nextInt(60)), state);
            }
            Map<byte[], byte[]> last = new TreeMap<>(one.rows);
            assertNotEquals(one.index.root(HERE), other.index.root(HERE), "they differ");
            List.copyOf(other.rows.keySet()).forEach(key -> other.set(HERE, key, last.get(key)));
            last.forEach((key, state) -> other.set(HERE, key, state));
            assertEquals(one.index.root(HERE), other.index.root(HERE));
            assertArrayEquals(one.index.sums(HERE), other.index.sums(HERE));
          });
    }
  }

  @Test
  void sumsSayInWhichSlotRowsDiffer() {
    Simulation.run(
        1,
        simulation -> {
          Rows one = new Rows(simulation);
          Rows other = new Rows(simulation);
          for (int i = 0; i < 500; i++) {
            one.set(HERE, key(i), new byte[] {1});
            other.set(HERE, key(i), new byte[] {(byte) (i == 77 ? 2 : 1)});
          }
          long[] ours = one.index.sums(HERE);
          long[] theirs = other.index.sums(HERE);
          for (int slot = 0; slot < MerkleIndex.SLOTS; slot++) {
            assertEquals(
                slot != MerkleIndex.slot(key(77)), ours[slot] == theirs[slot], "slot " + slot);
          }
        });
  }

  @Test
  void walkOverRowsMeetsEachOnceAndNoneOfAnotherPartition() {
    Simulation.run(
        1,
        simulation -> {
          Rows rows = new Rows(simulation);
          for (int i = 0; i < 400; i++) {
            rows.set(i % 2 == 0 ? HERE : ELSEWHERE, key(i), new byte[] {1});
          }
          List<byte[]> met = new ArrayList<>();
          MerkleIndex.Position position = MerkleIndex.Position.START;
          List<MerkleIndex.Leaf> page = rows.index.rows(HERE, position, 7);
          while (!page.isEmpty()) {
            page.forEach(leaf -> met.add(leaf.rowKey()));
            position = MerkleIndex.after(page.getLast());
            page = rows.index.rows(HERE, position, 7);
          }
          assertEquals(200, met.size());
          for (byte[] key : met) {
            assertEquals(0, key[1] % 2, "a row of this partition");
            int slot = MerkleIndex.slot(key);
            assertTrue(
                rows.index.leaves(HERE, new MerkleIndex.Position(slot, null), 400).stream()
                    .anyMatch(leaf -> Arrays.equals(leaf.rowKey(), key)),
                "it is in its slot");
          }
        });
  }

  private static byte[] key(int number) {
    return new byte[] {(byte) (number >>> 8), (byte) number};
  }

  /** Rows kept as replicas keep them. */
  private static final class Rows {
    private final MemoryStore store;
    private final MerkleIndex index;
    private final TreeMap<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);

    Rows(Simulation simulation) {
      store = MemoryStore.immediate(MerkleIndex.trees(), simulation.clock());
      index = new MerkleIndex(store, "test");
    }

    void set(Partition partition, byte[] key, byte @Nullable [] state) {
      Batch batch = new Batch();
      index.change(batch, partition, key, rows.get(key), state);
      store.commit(batch);
      if (state == null) {
        rows.remove(key);
      } else {
        rows.put(key, state);
      }
    }
  }
}
