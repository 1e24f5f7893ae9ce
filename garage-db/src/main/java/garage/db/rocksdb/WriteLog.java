package garage.db.rocksdb;

import garage.db.Batch.Change;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** Writes groups of batches as one write to RocksDB's log; used by the writer's thread alone. */
final class WriteLog implements GroupCommit.Log {
  private final Lease lease;
  private final boolean sync;

  /** {@code sync} is whether every group is synced; empty groups always are. */
  WriteLog(Lease lease, boolean sync) {
    this.lease = lease;
    this.sync = sync;
  }

  @Override
  public int write(List<GroupCommit.Pending> group) {
    return lease.use("cannot write", open -> write(open, group));
  }

  private int write(OpenDatabase open, List<GroupCommit.Pending> group) throws RocksDBException {
    boolean barrier = false;
    try (WriteBatch batch = new WriteBatch();
        WriteOptions options = new WriteOptions().setSync(sync)) {
      for (GroupCommit.Pending pending : group) {
        barrier |= pending.changes().isEmpty();
        append(open, batch, pending.changes());
      }
      boolean writes = batch.count() > 0;
      if (writes) {
        open.db().write(options, batch);
      }
      if (barrier && !sync) {
        open.db().syncWal();
        return 1;
      }
      return writes && sync ? 1 : 0;
    }
  }

  private static void append(OpenDatabase open, WriteBatch batch, List<Change> changes)
      throws RocksDBException {
    for (Change change : changes) {
      ColumnFamilyHandle family = open.family(change.tree().name());
      switch (change) {
        case Change.Put put -> batch.put(family, put.key(), put.value());
        case Change.Delete delete -> batch.delete(family, delete.key());
        case Change.Add add -> batch.merge(family, add.key(), operand(add.delta()));
      }
    }
  }

  /** The form of RocksDB's uint64add, whose sums wrap around and so are right for signed ones. */
  private static byte[] operand(long delta) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(delta).array();
  }
}
