package garage.simulator.workload;

import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.memory.MemoryStore;
import garage.simulator.cluster.Machine;
import garage.table.sync.MerkleIndex;
import garage.testkit.env.SimDisk;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** What one machine has on its disks, read past the code that is tested. */
final class Inside {
  private static final String REFERENCES = "block_ref";
  private static final String COUNTS = "block_rc";
  private static final int HASH_BYTES = 32;
  private static final byte PRESENT = 1;

  private final Machine machine;
  private final MemoryStore store;

  /** {@code machine} must run. */
  Inside(Machine machine) {
    this.machine = machine;
    this.store = Objects.requireNonNull(machine.store(), "it runs");
  }

  private void each(String tree, BiConsumer<byte[], byte[]> row) {
    try (Scan scan = store.scan(store.tree(tree), KeyRange.all())) {
      for (Scan.Row next = scan.next(); next != null; next = scan.next()) {
        row.accept(next.key(), next.value());
      }
    }
  }

  /** The number of rows of a tree. */
  int rows(String tree) {
    int[] rows = {0};
    each(tree, (_, _) -> rows[0]++);
    return rows[0];
  }

  /** The number of references that need a block. */
  int references() {
    int[] rows = {0};
    each(REFERENCES, (_, value) -> rows[0] += value[0] == PRESENT ? 1 : 0);
    return rows[0];
  }

  /**
   * A digest of the rows of each partition of each table, by the Merkle index, and of the
   * references to blocks of each partition; nothing where there is no row.
   */
  Map<String, Long> contents() {
    TreeMap<String, Long> contents = new TreeMap<>();
    each(
        MerkleIndex.SUMS,
        (key, value) -> {
          long sum = Batch.counter(value);
          if (sum != 0) {
            int slotAt = key.length - Short.BYTES;
            add(
                contents,
                new String(key, 0, slotAt - 2, java.nio.charset.StandardCharsets.UTF_8)
                    + " "
                    + (key[slotAt - 1] & 0xff),
                Arrays.hashCode(key) * 31L + sum);
          }
        });
    each(
        REFERENCES,
        (key, value) -> {
          if (value[0] == PRESENT) { // replicas forget released ones each in its own time
            add(contents, "references " + (key[0] & 0xff), Arrays.hashCode(key));
          }
        });
    return contents;
  }

  private static void add(Map<String, Long> contents, String where, long digest) {
    contents.merge(where, digest * 0x9e3779b97f4a7c15L, Long::sum);
  }

  /** What is wrong with a block's count, or with a block that is referred to; empty if nothing. */
  String brokenBlocks() {
    TreeMap<String, Long> needed = new TreeMap<>();
    each(
        REFERENCES,
        (key, value) -> needed.merge(hash(key), value[0] == PRESENT ? 1L : 0L, Long::sum));
    StringBuilder wrong = new StringBuilder();
    each(
        COUNTS,
        (key, value) -> {
          long count = Batch.counter(value);
          if (count != needed.getOrDefault(hash(key), 0L)) {
            wrong.append(
                "block %s is counted %d times, with %d references; "
                    .formatted(hash(key), count, needed.getOrDefault(hash(key), 0L)));
          }
        });
    SortedSet<String> files = files();
    needed.forEach((hash, references) -> {
      if (references > 0 && !files.contains(hash)) {
        wrong.append("block %s is not there; ".formatted(hash));
      }
    });
    return wrong.toString();
  }

  private SortedSet<String> files() {
    TreeSet<String> files = new TreeSet<>();
    for (SimDisk disk : machine.blockDisks()) {
      disk.files().stream()
          .map(path -> path.substring(path.lastIndexOf('/') + 1))
          .forEach(files::add);
    }
    return files;
  }

  /** Blocks on its disks that no reference needs. */
  SortedSet<String> orphans() {
    SortedSet<String> orphans = files();
    orphans.removeIf(file -> !file.matches("[0-9a-f]{64}"));
    each(
        REFERENCES,
        (key, value) -> {
          if (value[0] == PRESENT) {
            orphans.remove(hash(key));
          }
        });
    return orphans;
  }

  private static String hash(byte[] key) {
    return HexFormat.of().formatHex(key, 0, HASH_BYTES);
  }
}
