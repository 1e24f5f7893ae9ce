package garage.db.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.db.Batch;
import garage.db.Store;
import garage.db.StoreContract;
import garage.db.TreeOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on RocksDB, and what only RocksDB does. */
class RocksStoreTest extends StoreContract {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path temporary;

  @Override
  protected Store open(Map<String, TreeOptions> trees) {
    return openCopy(temporary.resolve("store").toString(), trees);
  }

  @Override
  protected Store openCopy(String directory, Map<String, TreeOptions> trees) {
    return RocksStore.open(directory, trees, RocksSettings.defaults());
  }

  @Override
  protected String newDirectory() {
    return temporary.resolve("copy").toString();
  }

  @Test
  void anUnusableDirectoryIsOneClearLine() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "");
    GarageException e =
        assertThrows(
            GarageException.StorageFailed.class,
            () -> openCopy(file + "/store", StoreContract.TREES));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("cannot create the metadata directory " + file), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aStoreOfAnotherKindOfFileIsOneClearLine() throws IOException {
    Path store = Files.createDirectories(temporary.resolve("broken"));
    Files.writeString(store.resolve("CURRENT"), "nonsense");
    GarageException e =
        assertThrows(
            GarageException.StorageFailed.class,
            () -> openCopy(store.toString(), StoreContract.TREES));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("cannot open the metadata directory " + store), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void withoutSyncOnlyAnEmptyBatchSyncs() {
    Path directory = temporary.resolve("unsynced");
    RocksSettings settings = RocksSettings.defaults().withSync(false);
    try (RocksStore store = RocksStore.open(directory.toString(), TREES, settings)) {
      store.commit(new Batch().put(store.tree("rows"), bytes("k"), bytes("v")));
      assertEquals(0, store.statistics().syncs());
      store.commit(new Batch());
      assertEquals(1, store.statistics().syncs());
    }
  }

  @Test
  void aBatchBeyondTheLimitIsRefused() {
    try (RocksStore store =
        RocksStore.open(temporary.resolve("large").toString(), TREES, RocksSettings.defaults())) {
      byte[] large = new byte[1 << 20];
      Batch batch = new Batch();
      for (long bytes = 0; bytes <= RocksStore.BATCH_BYTES_MAX; bytes += large.length) {
        batch.put(store.tree("bulk"), bytes("k" + bytes), large);
      }
      assertThrows(GarageException.InvalidInput.class, () -> store.commit(batch));
    }
  }

  @Test
  void settingsKeepMemtablesWithinTheCache() {
    ByteSize cache = new ByteSize(16L << 20);
    new RocksSettings(true, cache, new ByteSize(8L << 20));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RocksSettings(true, cache, new ByteSize(9L << 20)));
    assertThrows(
        IllegalArgumentException.class, () -> new RocksSettings(true, cache, new ByteSize(1)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
