package garage.db.rocksdb;

import garage.common.id.ByteSize;

/**
 * How the store trades memory and safety.
 *
 * @param sync whether a batch is on stable storage before it is acknowledged
 * @param blockCache bytes kept of what was read: rows, indexes, filters, and the memtables, which
 *     are charged to it
 * @param memtables bytes of recent changes held in memory over all trees, at most half of {@code
 *     blockCache}; more makes fewer and larger files
 */
public record RocksSettings(boolean sync, ByteSize blockCache, ByteSize memtables) {
  /** Below this a memtable is flushed before it holds anything worth a file. */
  static final ByteSize MEMTABLES_MIN = new ByteSize(2L << 20);

  public RocksSettings {
    if (memtables.compareTo(MEMTABLES_MIN) < 0) {
      throw new IllegalArgumentException("the memtables need at least 2 MiB, not " + memtables);
    }
    if (memtables.bytes() > blockCache.bytes() / 2) {
      throw new IllegalArgumentException(
          "the memtables (%s) may take at most half of the block cache (%s)"
              .formatted(memtables.binary(), blockCache.binary()));
    }
  }

  /** Synced, in the 32 MiB that a node which stays under 350 MiB can spare. */
  public static RocksSettings defaults() {
    return new RocksSettings(true, new ByteSize(32L << 20), new ByteSize(16L << 20));
  }

  /** The same, syncing or not. */
  public RocksSettings withSync(boolean wanted) {
    return new RocksSettings(wanted, blockCache, memtables);
  }
}
