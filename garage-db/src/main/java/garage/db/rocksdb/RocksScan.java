package garage.db.rocksdb;

import garage.common.error.GarageException;
import garage.db.KeyRange;
import garage.db.Scan;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * A scan on a native iterator, which reads a snapshot of its own. The bounds are given to RocksDB
 * as well, so that it does not walk over deleted rows beyond them. All native objects are touched
 * only inside a use of the {@link Lease}.
 */
final class RocksScan implements Scan {
  private final Lease lease;
  private final KeyRange range;
  private final Deque<AbstractNativeReference> owned = new ArrayDeque<>();
  private final RocksIterator iterator;
  private Position position = Position.BEFORE_ROW;
  private boolean revoked;
  private boolean closed;

  private enum Position {
    /** The iterator stands on the row that {@link #next} returns. */
    BEFORE_ROW,
    /** The iterator stands on the row that {@link #next} returned last. */
    AFTER_ROW,
    END
  }

  private RocksScan(Lease lease, OpenDatabase open, String tree, KeyRange range) {
    this.lease = lease;
    this.range = range;
    ReadOptions options = own(new ReadOptions());
    if (range.from() != null) {
      options.setIterateLowerBound(own(new Slice(range.from())));
    }
    if (range.to() != null) {
      options.setIterateUpperBound(own(new Slice(range.to())));
    }
    iterator = own(open.db().newIterator(open.family(tree), options));
  }

  static Scan open(Lease lease, String tree, KeyRange range) {
    return lease.use(
        "cannot scan",
        open -> {
          if (range.isEmpty()) {
            return new EmptyScan();
          }
          RocksScan scan = new RocksScan(lease, open, tree, range);
          lease.register(scan);
          scan.seekToBegin();
          return scan;
        });
  }

  @Override
  public @Nullable Row next() {
    return lease.use("cannot scan", open -> nextRow());
  }

  @Override
  public void seek(byte[] key) {
    lease.use(
        "cannot scan",
        open -> {
          checkUsable();
          seekTo(key);
          return true;
        });
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      lease.release(this);
    }
  }

  /** Frees the iterator because the database is about to be closed; the lease is held. */
  void revoke() {
    revoked = true;
    free();
  }

  /** Frees the native objects, at most once; the lease is held. */
  void free() {
    while (!owned.isEmpty()) {
      owned.pop().close();
    }
  }

  private @Nullable Row nextRow() throws RocksDBException {
    checkUsable();
    if (position == Position.AFTER_ROW) {
      if (range.descending()) {
        iterator.prev();
      } else {
        iterator.next();
      }
    }
    if (position == Position.END || !iterator.isValid()) {
      position = Position.END;
      iterator.status();
      return null;
    }
    position = Position.AFTER_ROW;
    return new Row(iterator.key(), iterator.value());
  }

  private void seekToBegin() {
    position = Position.BEFORE_ROW;
    if (range.descending()) {
      iterator.seekToLast();
    } else {
      iterator.seekToFirst();
    }
  }

  private void seekTo(byte[] key) {
    if (range.isBeforeBegin(key)) {
      seekToBegin();
      return;
    }
    position = Position.BEFORE_ROW;
    if (range.descending()) {
      iterator.seekForPrev(key);
    } else {
      iterator.seek(key);
    }
  }

  private void checkUsable() {
    if (revoked) {
      throw new GarageException.StorageFailed(
          "the metadata store was closed or recovered during the scan", null);
    }
    if (closed) {
      throw new IllegalStateException("the scan is closed");
    }
  }

  private <T extends AbstractNativeReference> T own(T object) {
    owned.push(object);
    return object;
  }

  /** What an empty range yields; RocksDB does not accept bounds that cross. */
  private static final class EmptyScan implements Scan {
    @Override
    public @Nullable Row next() {
      return null;
    }

    @Override
    public void seek(byte[] key) {}

    @Override
    public void close() {}
  }
}
