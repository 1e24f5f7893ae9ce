package garage.db;

import org.jspecify.annotations.Nullable;

/** A cursor over rows; used by one task, and closed by it. */
public interface Scan extends AutoCloseable {
  /** The next row, or null at the end. */
  @Nullable Row next();

  /**
   * Continues at the first row at or after {@code key} in the scan's direction, within its range:
   * how a listing skips a whole common prefix. Seeking backwards is allowed.
   */
  void seek(byte[] key);

  @Override
  void close();

  /** One row; the arrays belong to the caller. */
  record Row(byte[] key, byte[] value) {}
}
