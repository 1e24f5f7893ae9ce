package garage.table.register;

import garage.common.env.Deadline;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import garage.table.sync.MerkleIndex;
import garage.table.sync.RowCopy;
import garage.table.sync.SyncedRows;
import java.util.List;

/** The rows of a replica, settled by the node's coordinator where that is needed. */
record RegisterSync<V>(Register<V> register, RegisterCopies<V> rows) implements SyncedRows {
  @Override
  public String name() {
    return rows.name();
  }

  @Override
  public MerkleIndex index() {
    return rows.index();
  }

  @Override
  public List<RowCopy> copies(List<byte[]> keys, int bytesMax) {
    return rows.copies(keys, bytesMax);
  }

  @Override
  public List<byte[]> merge(Partition partition, List<RowCopy> copies, Timestamp at) {
    return rows.merge(partition, copies, at);
  }

  @Override
  public void settle(byte[] key, Deadline deadline) {
    register.raise(key, deadline);
  }

  @Override
  public Timestamp floor(Partition partition) {
    return rows.floor(partition);
  }

  @Override
  public void raiseFloor(Partition partition, Timestamp floor) {
    rows.raiseFloor(partition, floor);
  }

  @Override
  public boolean dropsLeft() {
    return rows.dropsLeft();
  }

  @Override
  public void drop(Partition partition, List<byte[]> keys) {
    rows.drop(partition, keys);
  }
}
