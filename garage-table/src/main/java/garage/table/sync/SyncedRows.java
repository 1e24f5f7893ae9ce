package garage.table.sync;

import garage.common.env.Deadline;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import java.util.List;

/** The rows of one table on this node, as far as bringing replicas together is concerned. */
public interface SyncedRows {
  /** The table's name. */
  String name();

  /** The digests of the rows. */
  MerkleIndex index();

  /**
   * The rows of {@code keys} as they are now, without those there are none of: the first always,
   * and more while they stay within {@code bytesMax}.
   */
  List<RowCopy> copies(List<byte[]> keys, int bytesMax);

  /**
   * Takes in rows of one partition as another replica held them, durably.
   *
   * @param at a time of the hybrid clock at which that replica held them
   * @return the keys of those that were refused: something newer is here, or a promise or a floor
   *     forbids it
   */
  List<byte[]> merge(Partition partition, List<RowCopy> copies, Timestamp at);

  /**
   * Brings about that the replicas can agree on a row which each refuses to take from the other.
   */
  void settle(byte[] key, Deadline deadline);

  /** What of the past of a partition must not come back; replicas raise theirs to one another's. */
  Timestamp floor(Partition partition);

  /** Raises {@link #floor}. */
  void raiseFloor(Partition partition, Timestamp floor);

  /** Whether {@link #drop} is to be called; else the table sees to that itself. */
  default boolean dropsLeft() {
    return true;
  }

  /**
   * Takes away up to {@code max} rows of a time when this node was no replica of theirs; answers
   * whether there may be more. Before that they are neither shown nor exchanged.
   */
  default boolean takeAwayStale(int max) {
    return false;
  }

  /** Forgets rows of a partition that is no longer kept here; nothing follows from that. */
  void drop(Partition partition, List<byte[]> keys);
}
