package garage.db;

import garage.common.check.Invariant;

/**
 * What a tree's owner knows about its rows, for the engine to lay them out by. Changing them later
 * is allowed and applies to what is written from then on.
 *
 * @param pointReads whether rows are looked up by their whole key, often for keys that are not
 *     there: pays for a bloom filter of 10 bits a row
 * @param largeValues whether values are bulk bytes, kept in files of their own, so that reading
 *     keys and compacting never touches them
 * @param valueBytes the usual size of a value in bytes
 */
public record TreeOptions(boolean pointReads, boolean largeValues, int valueBytes) {
  /** The size assumed of a row of metadata. */
  private static final int ROW_BYTES = 300;

  /** The size assumed of bulk bytes. */
  private static final int BULK_BYTES = 16 * 1024;

  public TreeOptions {
    Invariant.check(valueBytes >= 0, "a value's size is not negative", valueBytes);
  }

  /** Rows of metadata, looked up by key and scanned. */
  public static TreeOptions rows() {
    return new TreeOptions(true, false, ROW_BYTES);
  }

  /** Rows that are only scanned, such as queues. */
  public static TreeOptions scanned() {
    return new TreeOptions(false, false, ROW_BYTES);
  }

  /** Bulk bytes, looked up by key. */
  public static TreeOptions bulk() {
    return new TreeOptions(true, true, BULK_BYTES);
  }

  /** The same for values of another usual size. */
  public TreeOptions withValueBytes(int bytes) {
    return new TreeOptions(pointReads, largeValues, bytes);
  }
}
