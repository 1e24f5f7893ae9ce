package garage.db;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ordered trees of byte keys (unsigned lexicographic) and byte values. Batches are atomic over all
 * trees. Nothing a reader sees can be lost again: a batch becomes visible no earlier than it is
 * durable, unless the store was opened without syncing. Concurrent batches share one sync (group
 * commit). Methods throw {@link garage.common.error.GarageException.StorageFailed} when the disk
 * fails and {@link garage.common.error.GarageException.StorageFull} when it has no space.
 */
public interface Store extends AutoCloseable {
  /**
   * The tree of this name; opening the store created it if it was new. Names are fixed for ever.
   *
   * @throws IllegalArgumentException if the store was not opened with it
   */
  Tree tree(String name);

  /** The names the store was opened with, in order. */
  Set<String> trees();

  /** The value of {@code key}, which belongs to the caller, or null. */
  byte @Nullable [] get(Tree tree, byte[] key);

  /**
   * The rows of {@code range} in its direction, as they were when the scan was opened. The scan
   * must be closed.
   */
  Scan scan(Tree tree, KeyRange range);

  /**
   * Applies {@code batch} as a whole and returns once it is durable and visible. An empty batch
   * returns once every batch committed before is durable, also if the store was opened without
   * syncing.
   *
   * <p>After a failure, or if the caller is cancelled while it waits, the batch is applied as a
   * whole or not at all, and nobody knows which until the store was opened again; it is not tried
   * again.
   *
   * @throws garage.common.error.GarageException.Cancelled if the caller is cancelled
   */
  void commit(Batch batch);

  /** What was committed since the store was opened. */
  CommitStatistics statistics();

  /** Roughly how many rows {@code tree} has; for showing only. */
  long approximateCount(Tree tree);

  /**
   * Writes a consistent copy of the whole store, for backup, into a directory that does not exist,
   * in one that does; on the same file system it shares files with the store and costs little.
   */
  void checkpoint(String directory);

  /**
   * Waits for the batches under way, then releases everything. Open scans and later calls fail with
   * {@link garage.common.error.GarageException.StorageFailed}. Closing twice does nothing.
   */
  @Override
  void close();
}
