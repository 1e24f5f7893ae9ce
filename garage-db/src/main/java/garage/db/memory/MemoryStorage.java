package garage.db.memory;

import garage.common.error.GarageException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The stable storage under a {@link MemoryStore}: what is in it was synced, and outlives the store
 * and its crashes, as a directory does.
 */
public final class MemoryStorage {
  private final Map<String, MemoryStorage> copies = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable MemoryStore> user = new AtomicReference<>();
  private volatile Map<String, Rows> trees;
  private volatile boolean full;
  private volatile @Nullable Failing failing;
  private volatile @Nullable Map<String, Rows> afterFailure;

  /** Empty storage. */
  public MemoryStorage() {
    this(Map.of());
  }

  private MemoryStorage(Map<String, Rows> trees) {
    this.trees = trees;
  }

  /** Simulates a disk without space, or with space again: commits are refused meanwhile. */
  public void setFull(boolean noSpace) {
    full = noSpace;
  }

  /** How a write fails. */
  enum Failing {
    /** Nothing of it is there when the store is opened again. */
    LOST,
    /** All of it is there then, though nobody was told so. */
    KEPT
  }

  /**
   * Simulates a disk that fails: the next sync does, and the store refuses every write after it.
   * Nobody sees what was to be written until another store is opened here, which works again.
   *
   * @param kept whether that finds it
   */
  public void failNextWrite(boolean kept) {
    failing = kept ? Failing.KEPT : Failing.LOST;
  }

  /** Ends {@link #failNextWrite} where nothing was written meanwhile. */
  public void heal() {
    failing = null;
  }

  /** How the write that is under way is to fail, which this ends; null if it does not. */
  @Nullable Failing takeFailing() {
    Failing now = failing;
    failing = null;
    return now;
  }

  /** What the next store to be opened finds. */
  void replaceLater(Map<String, Rows> state) {
    afterFailure = state;
  }

  /** What {@link MemoryStore#checkpoint} wrote into {@code directory}; null if nothing. */
  public @Nullable MemoryStorage copy(String directory) {
    return copies.get(directory);
  }

  boolean isFull() {
    return full;
  }

  /**
   * Ends the store that is open on this storage, if any, as a loss of power does: what was not
   * synced is gone.
   */
  public void crash() {
    crash(0);
  }

  /** The same, with {@link MemoryStore#crash(int)}. */
  public void crash(int kept) {
    MemoryStore open = user.get();
    if (open != null) {
      open.crash(kept);
    }
  }

  void acquire(MemoryStore store) {
    if (!user.compareAndSet(null, store)) {
      throw new GarageException.StorageFailed("the storage is in use by another store", null);
    }
    Map<String, Rows> later = afterFailure;
    if (later != null) {
      trees = later;
      afterFailure = null;
    }
  }

  void release() {
    user.set(null);
  }

  Rows rows(String tree) {
    return trees.getOrDefault(tree, Rows.EMPTY);
  }

  /** A copy to change and give to {@link #replace}. */
  Map<String, Rows> edit() {
    return new HashMap<>(trees);
  }

  /** Makes a new state durable and visible at once; it is not changed any more. */
  void replace(Map<String, Rows> state) {
    trees = state;
  }

  void copyTo(String directory) {
    if (copies.putIfAbsent(directory, new MemoryStorage(trees)) != null) {
      throw new GarageException.StorageFailed("the directory exists: " + directory, null);
    }
  }
}
