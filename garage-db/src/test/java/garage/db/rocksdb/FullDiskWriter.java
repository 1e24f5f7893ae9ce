package garage.db.rocksdb;

import garage.common.env.system.SystemClock;
import garage.common.error.GarageException;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import garage.db.TreeOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;

/**
 * The process that {@link RocksFullDiskTest} runs on a small file system of its own: fills it,
 * makes room, and exits with 0 if the store behaved.
 */
final class FullDiskWriter {
  private static final int SPARE_BYTES = 8 << 20;
  private static final int VALUE_BYTES = 20_000;
  private static final int COMMITS_MAX = 10_000;
  private static final int RETRIES_MAX = 300;

  /** Each takes the 5 s after which RocksDB looks for space. */
  private static final int ROUNDS = 1;

  private final Store store;
  private final Tree tree;
  private final Random random = new Random(3);
  private int acknowledged;

  private FullDiskWriter(Store store) {
    this.store = store;
    this.tree = store.tree("bulk");
  }

  /** Arguments: the directory where the small file system is mounted. */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    Path ballast = directory.resolve("ballast");
    String path = directory.resolve("store").toString();
    Map<String, TreeOptions> trees = Map.of("bulk", TreeOptions.bulk());
    int written;
    try (Store store = RocksStore.open(path, trees, RocksSettings.defaults())) {
      FullDiskWriter writer = new FullDiskWriter(store);
      for (int round = 0; round < ROUNDS; round++) {
        fill(ballast);
        writer.writeUntilFull();
        writer.readAll();
        Files.delete(ballast);
        writer.writeUntilAccepted();
        writer.readAll();
      }
      written = writer.acknowledged;
    }
    try (Store store = RocksStore.open(path, trees, RocksSettings.defaults())) {
      FullDiskWriter reader = new FullDiskWriter(store);
      reader.acknowledged = written;
      reader.readAll();
    }
    System.out.println("behaved");
  }

  private static void fill(Path ballast) throws IOException {
    long bytes = Files.getFileStore(ballast.getParent()).getUsableSpace() - SPARE_BYTES;
    try (OutputStream out = Files.newOutputStream(ballast)) {
      byte[] chunk = new byte[64 * 1024];
      for (long written = 0; written < bytes; written += chunk.length) {
        out.write(chunk);
      }
    }
  }

  private void writeUntilFull() {
    for (int i = 0; i < COMMITS_MAX; i++) {
      try {
        write();
      } catch (GarageException.StorageFull e) {
        return;
      }
    }
    throw new IllegalStateException("the disk was never full");
  }

  private void writeUntilAccepted() {
    SystemClock clock = new SystemClock();
    for (int i = 0; i < RETRIES_MAX; i++) {
      try {
        write();
        return;
      } catch (GarageException.StorageFull e) {
        clock.sleep(Duration.ofMillis(100));
      }
    }
    throw new IllegalStateException("writes did not resume");
  }

  private void write() {
    byte[] value = new byte[VALUE_BYTES];
    random.nextBytes(value);
    System.arraycopy(key(acknowledged), 0, value, 0, Integer.BYTES);
    store.commit(new Batch().put(tree, key(acknowledged), value));
    acknowledged++;
  }

  private void readAll() {
    for (int i = 0; i < acknowledged; i++) {
      byte[] value = store.get(tree, key(i));
      if (value == null || ByteBuffer.wrap(value).getInt() != i) {
        throw new IllegalStateException("lost " + i + " of " + acknowledged);
      }
    }
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }
}
