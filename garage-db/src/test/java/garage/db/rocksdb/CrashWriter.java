package garage.db.rocksdb;

import garage.common.id.ByteSize;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import garage.db.TreeOptions;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * The process that {@link RocksCrashTest} kills: many tasks commit batches for ever, each writing
 * the same key into two trees and counting it, and print each batch once it is acknowledged.
 */
final class CrashWriter {
  static final Map<String, TreeOptions> TREES =
      Map.of(
          "rows", TreeOptions.rows(), "bulk", TreeOptions.bulk(), "counters", TreeOptions.rows());
  static final int TASKS = 16;

  /** Small memtables, so that flushes and recycled logs are met within seconds. */
  static final RocksSettings SETTINGS =
      new RocksSettings(true, new ByteSize(8 << 20), RocksSettings.MEMTABLES_MIN);

  private CrashWriter() {}

  /** Arguments: the store's directory. */
  public static void main(String[] args) throws InterruptedException {
    PrintStream out = System.out;
    Store store = RocksStore.open(args[0], TREES, SETTINGS);
    Thread[] tasks = new Thread[TASKS];
    for (int t = 0; t < TASKS; t++) {
      int task = t;
      tasks[t] = Thread.ofVirtual().start(() -> write(store, task, out));
    }
    for (Thread task : tasks) {
      task.join();
    }
  }

  private static void write(Store store, int task, PrintStream out) {
    Tree rows = store.tree("rows");
    Tree bulk = store.tree("bulk");
    Tree counters = store.tree("counters");
    long begin = Batch.counter(store.get(counters, counter(task)));
    for (long i = begin; true; i++) {
      byte[] key = key(task, i);
      store.commit(
          new Batch()
              .put(rows, key, key)
              .put(bulk, key, value(task, i))
              .add(counters, counter(task), 1));
      out.println(task + " " + i);
    }
  }

  static byte[] key(int task, long number) {
    return ByteBuffer.allocate(12).putInt(task).putLong(number).array();
  }

  /** A few KiB that follow from the key. */
  static byte[] value(int task, long number) {
    byte[] value = new byte[(int) (600 + (task * 31L + number * 97) % 4000)];
    Arrays.fill(value, (byte) (task + number));
    return value;
  }

  static byte[] counter(int task) {
    return ("written by " + task).getBytes(StandardCharsets.UTF_8);
  }
}
