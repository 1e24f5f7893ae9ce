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
   * Adds to {@code batch}, which changes a row on this replica, what must follow: counters, and
   * work for a queue.
   */
  default void onChange(@Nullable E before, E after, Batch batch) {}
}
