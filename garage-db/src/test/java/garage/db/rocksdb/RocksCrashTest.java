package garage.db.rocksdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that commits under load and looks at what it left: every acknowledged batch is
 * there, and every batch as a whole or not at all.
 */
class RocksCrashTest {
  /** Kills in a row of one store; more with {@code -Dgarage.crashRounds=100}. */
  private static final int ROUNDS = Integer.getInteger("garage.crashRounds", 3);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path temporary;

  @Test
  void killedUnderLoadEveryAcknowledgedBatchIsThereAndNoHalfOne()
      throws IOException, InterruptedException {
    String directory = temporary.resolve("store").toString();
    Random random = new Random(7);
    long[] acknowledged = new long[CrashWriter.TASKS];
    for (int round = 0; round < ROUNDS; round++) {
      int lines = 500 + random.nextInt(3000);
      writeAndKill(directory, lines, acknowledged);
      try (Store store = RocksStore.open(directory, CrashWriter.TREES, CrashWriter.SETTINGS)) {
        for (int task = 0; task < CrashWriter.TASKS; task++) {
          acknowledged[task] = check(store, task, acknowledged[task]);
        }
      }
    }
  }

  /** Raises {@code acknowledged} to one more than the last number each task printed. */
  private static void writeAndKill(String directory, int lines, long[] acknowledged)
      throws IOException, InterruptedException {
    try (Child child = Child.start(List.of(), CrashWriter.class, directory)) {
      for (int i = 0; i < lines; i++) {
        String line = child.line();
        assertNotNull(line, "the writer ended by itself");
        note(line, acknowledged);
      }
      assertInUse(directory);
      child.kill();
      for (String line = child.line(); line != null; line = child.line()) {
        note(line, acknowledged);
      }
      child.exitCode();
    }
  }

  private static void note(String line, long[] acknowledged) {
    List<String> words = List.of(line.split(" ", -1));
    if (words.size() == 2 && !words.get(1).isEmpty()) { // the last line may be torn
      int task = Integer.parseInt(words.get(0));
      acknowledged[task] = Math.max(acknowledged[task], Long.parseLong(words.get(1)) + 1);
    }
  }

  private static void assertInUse(String directory) {
    GarageException e =
        assertThrows(
            GarageException.StorageFailed.class,
            () -> RocksStore.open(directory, CrashWriter.TREES, CrashWriter.SETTINGS));
    assertEquals(
        "the metadata directory " + directory + " is in use by another process", e.getMessage());
  }

  /** The number of batches of a task that are there: at least the acknowledged ones. */
  private static long check(Store store, int task, long acknowledged) {
    byte[] prefix = ByteBuffer.allocate(4).putInt(task).array();
    long count = 0;
    try (Scan scan = store.scan(store.tree("rows"), KeyRange.prefix(prefix))) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        byte[] key = CrashWriter.key(task, count);
        assertArrayEquals(key, row.key(), "a batch is missing between others");
        assertArrayEquals(key, row.value());
        byte @Nullable [] bulk = store.get(store.tree("bulk"), key);
        assertArrayEquals(CrashWriter.value(task, count), bulk, "half a batch");
        count++;
      }
    }
    assertTrue(count >= acknowledged, "task " + task + " has " + count + " of " + acknowledged);
    byte[] counter = store.get(store.tree("counters"), CrashWriter.counter(task));
    assertEquals(count, Batch.counter(counter), "the counter is of the same batches");
    return count;
  }
}
