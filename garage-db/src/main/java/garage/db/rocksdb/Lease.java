package garage.db.rocksdb;

import garage.common.error.GarageException;
import garage.db.TreeOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Keeps the native database from being freed under those who use it: every use holds the shared
 * side of a lock, closing and reopening hold the other. A stamped lock, since it keeps nothing per
 * thread. Open scans outlive single uses; they are listed here and freed before the database.
 */
final class Lease implements AutoCloseable {
  private final StampedLock lock = new StampedLock();
  private final Set<RocksScan> scans = ConcurrentHashMap.newKeySet();
  private final Path directory;
  private final Map<String, TreeOptions> trees;
  private final RocksSettings settings;
  private @Nullable OpenDatabase database;
  private String absence = "the metadata store is closed";

  /** Opens the database. */
  Lease(Path directory, Map<String, TreeOptions> trees, RocksSettings settings) {
    this.directory = directory;
    this.trees = trees;
    this.settings = settings;
    this.database = openDatabase();
  }

  /** A use of the open database. */
  interface Use<T extends @Nullable Object> {
    T of(OpenDatabase open) throws RocksDBException;
  }

  /** Uses the database; {@code action} is what a failure's message says was tried. */
  <T extends @Nullable Object> T use(String action, Use<T> use) {
    long stamp = lock.readLock();
    try {
      return use.of(current());
    } catch (RocksDBException e) {
      throw Failure.of(action, e).exception();
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** Lists a scan that was opened inside a use. */
  void register(RocksScan scan) {
    scans.add(scan);
  }

  /** Frees a scan, unless closing the database did. */
  void release(RocksScan scan) {
    long stamp = lock.readLock();
    try {
      scans.remove(scan);
      scan.free();
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /**
   * Closes the database and opens it again, which replays the log. Open scans fail from then on. If
   * the opening fails, so does every use until one succeeds.
   */
  void reopen() {
    long stamp = lock.writeLock();
    try {
      free();
      absence = "the metadata store could not be opened again";
      database = openDatabase();
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Frees everything; does nothing the second time. */
  @Override
  public void close() {
    long stamp = lock.writeLock();
    try {
      free();
      absence = "the metadata store is closed";
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private void free() {
    List<RocksScan> open = new ArrayList<>(scans);
    open.forEach(RocksScan::revoke);
    scans.clear();
    if (database != null) {
      database.close();
      database = null;
    }
  }

  private OpenDatabase current() {
    if (database == null) {
      throw new GarageException.StorageFailed(absence, null);
    }
    return database;
  }

  private OpenDatabase openDatabase() {
    try {
      return OpenDatabase.open(directory, trees, settings);
    } catch (RocksDBException e) {
      String text = String.valueOf(e.getMessage());
      if (text.contains("/LOCK")) {
        throw new GarageException.StorageFailed(
            "the metadata directory " + directory + " is in use by another process", e);
      }
      throw Failure.of("cannot open the metadata directory " + directory, e).exception();
    }
  }
}
