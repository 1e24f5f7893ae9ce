package garage.db.rocksdb;

import garage.common.error.GarageException;
import garage.db.Batch.Change;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes groups of batches as one write to RocksDB's log; used by the writer's thread alone. */
final class WriteLog implements GroupCommit.Log {
  private static final Logger LOG = LoggerFactory.getLogger(WriteLog.class);

  private final Lease lease;
  private final boolean sync;
  private final FullDisk fullDisk;

  /** {@code sync} is whether every group is synced; empty groups always are. */
  WriteLog(Lease lease, boolean sync, FullDisk fullDisk) {
    this.lease = lease;
    this.sync = sync;
    this.fullDisk = fullDisk;
  }

  @Override
  public int write(List<GroupCommit.Pending> group) {
    if (fullDisk.isReopeningDue(System.nanoTime())) {
      LOG.warn("there is space again but RocksDB refuses writes: opening the store again");
      lease.reopen();
    }
    try {
      int syncs = lease.use("cannot write", open -> write(open, group));
      fullDisk.succeeded();
      return syncs;
    } catch (GarageException.StorageFull e) {
      fullDisk.failed(System.nanoTime());
      throw e;
    }
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
