package garage.table;

import garage.common.codec.VersionedCodec;
import garage.db.Batch;
import garage.layout.Partition;
import org.jspecify.annotations.Nullable;

/**
 * What a table's rows are. A row's key in the store is its partition key followed by its sort key;
 * the partition key must be self-delimiting (fixed length, or length first), so that the rows of
 * one partition key are contiguous and those of another never among them.
 */
public interface TableSchema<E> {
  /** The name of its tree and endpoint, fixed for ever. */
  String name();

  /** The stored and transmitted form of a row. */
  VersionedCodec<E> codec();

  /** What decides where the row lives. */
  byte[] partitionKey(E entry);

  /** Its order among the rows of its partition key. */
  byte[] sortKey(E entry);

  /** The partition of a partition key. */
  Partition partition(byte[] partitionKey);

  /** The least upper bound of two states of one row: commutative, associative, idempotent. */
  E merge(E one, E other);

  /**
   * Whether the row is deleted for ever: merged with anything it still is. Such rows are taken away
   * once every replica has them.
   */
  default boolean isTombstone(E entry) {
    return false;
  }

  /**
   * Whether a deleted row may be taken away from this replica; asked under its lock. Not before
   * nothing else on the replica can bring it back.
   */
  default boolean isCollectable(E tombstone) {
    return true;
  }

  /** What is locked while a row is changed: the row alone, or what it shares with others. */
  default byte[] lockKey(byte[] rowKey) {
    return rowKey;
  }

  /** Adds to {@code batch}, which drops a row that is not kept here any more, what must follow. */
  default void onDrop(E before, Batch batch) {}

  /**
   * Adds to {@code batch}, which changes a row on this replica, what must follow: counters, and
   * work for a queue.
   */
  default void onChange(@Nullable E before, E after, Batch batch) {}
}
