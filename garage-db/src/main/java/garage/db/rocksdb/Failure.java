package garage.db.rocksdb;

import garage.common.error.GarageException;
import java.util.Locale;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** A failure of the engine, from which each thread that waited makes an exception of its own. */
record Failure(boolean full, String message, Throwable cause) {
  /** What {@code e} means; {@code action} is what was tried, such as "cannot write". */
  static Failure of(String action, RocksDBException e) {
    String text = String.valueOf(e.getMessage());
    return new Failure(isFull(e, text), action + ": " + text, e);
  }

  /** The exception for one caller. */
  GarageException exception() {
    if (full) {
      return new GarageException.StorageFull(message);
    }
    return new GarageException.StorageFailed(message, cause);
  }

  private static boolean isFull(RocksDBException e, String text) {
    Status status = e.getStatus();
    if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
      return true;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.contains("no space left") || lower.contains("quota exceeded");
  }
}
