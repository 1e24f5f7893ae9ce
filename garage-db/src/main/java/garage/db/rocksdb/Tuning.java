package garage.db.rocksdb;

import garage.db.TreeOptions;
import java.util.Deque;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.UInt64AddOperator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB's options, chosen for a small and bounded memory.
 *
 * <p>Memory is the block cache, which holds indexes and filters too (in partitions, so that a large
 * store does not thrash a small cache) and is charged with the memtables, plus a few MiB of tables'
 * descriptors and buffers. The cache is not strict: a strict one fails reads when it is full of
 * blocks in use, and those are few, because a read holds its blocks only inside one native call.
 * The write buffer manager does not stall writers: an open scan keeps the memtables it reads, and a
 * task that commits while it scans would wait for itself. What the flush cannot keep up with is
 * bounded per tree instead ({@link #MEMTABLES_PER_TREE_MAX}).
 *
 * <p>glibc gives every thread that allocates an arena that is never returned; run the server with
 * {@code MALLOC_ARENA_MAX=2}, or the native memory of a busy store grows by tens of MiB.
 */
final class Tuning {
  /** Bits a key of the bloom filters: 1 % false positives. */
  private static final double BLOOM_BITS = 10;

  /** Log of the number of the cache's shards: 2 MiB each by default. */
  private static final int CACHE_SHARD_BITS = 4;

  /** Share of the cache that blocks of indexes and filters may claim before rows. */
  private static final double CACHE_SHARE_OF_INDEXES = 0.3;

  /** Memtables of a tree: one filling, one being flushed; then its writers slow down. */
  private static final int MEMTABLES_PER_TREE_MAX = 2;

  /** Granularity of a memtable's memory: small, since there are many trees and most are quiet. */
  private static final long ARENA_BLOCK_BYTES = 128 * 1024;

  /** Log to replay at the next start at most, about half a second's work. */
  private static final long WAL_BYTES_MAX = 64L << 20;

  /**
   * Old logs kept to be overwritten: a sync of bytes that do not grow their file takes about half
   * the time, since the file system has no size to record.
   */
  private static final int LOGS_RECYCLED = 2;

  /** Open files; beyond it the least used are closed. Well below the usual limit of 1024. */
  private static final int OPEN_FILES_MAX = 500;

  /** One flush and one compaction at a time: the machine is small and has requests to serve. */
  private static final int BACKGROUND_JOBS = 2;

  /** Written-back steadily, so that a flush does not delay the log's syncs all at once. */
  private static final long WRITE_BACK_BYTES = 512 * 1024;

  private static final long FILE_BYTES = 32L << 20;
  private static final long LEVEL_BYTES = 64L << 20;
  private static final long BLOB_FILE_BYTES = 64L << 20;

  /** A smaller value stays beside its key: a blob costs a further read. */
  private static final long BLOB_BYTES_MIN = 512;

  /**
   * Share of the blob files, the oldest, that a compaction moves live blobs out of. RocksDB's
   * default of a quarter writes bulk bytes that are only ever added 3.2 times, this 2.5 times, and
   * reclaims as much where they are replaced; none at all would never reclaim a file that is partly
   * alive.
   */
  private static final double BLOB_AGE_MOVED = 0.1;

  /** Dead share of the oldest blob files above which they are compacted away. */
  private static final double BLOB_GARBAGE_MAX = 0.5;

  private static final long MANIFEST_BYTES_MAX = 16L << 20;
  private static final long INFO_LOG_BYTES_MAX = 1L << 20;
  private static final int INFO_LOGS_MAX = 3;

  private final RocksSettings settings;
  private final Deque<AbstractNativeReference> owned;
  private final Cache cache;

  /** What is made is pushed to {@code owned}, whose owner frees it. */
  Tuning(RocksSettings settings, Deque<AbstractNativeReference> owned) {
    this.settings = settings;
    this.owned = owned;
    this.cache =
        own(
            new LRUCache(
                settings.blockCache().bytes(), CACHE_SHARD_BITS, false, CACHE_SHARE_OF_INDEXES));
  }

  DBOptions database() {
    WriteBufferManager memtables =
        own(new WriteBufferManager(settings.memtables().bytes(), cache, false));
    return own(new DBOptions())
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
        .setRecycleLogFileNum(LOGS_RECYCLED)
        .setMaxTotalWalSize(WAL_BYTES_MAX)
        .setWriteBufferManager(memtables)
        .setMaxOpenFiles(OPEN_FILES_MAX)
        .setMaxBackgroundJobs(BACKGROUND_JOBS)
        .setBytesPerSync(WRITE_BACK_BYTES)
        .setMaxManifestFileSize(MANIFEST_BYTES_MAX)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(INFO_LOG_BYTES_MAX)
        .setKeepLogFileNum(INFO_LOGS_MAX)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  ColumnFamilyOptions family(TreeOptions tree) {
    ColumnFamilyOptions options =
        own(new ColumnFamilyOptions())
            .setMergeOperator(own(new UInt64AddOperator()))
            .setTableFormatConfig(table(tree))
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setWriteBufferSize(settings.memtables().bytes() / 2)
            .setMaxWriteBufferNumber(MEMTABLES_PER_TREE_MAX)
            .setArenaBlockSize(ARENA_BLOCK_BYTES)
            .setTargetFileSizeBase(FILE_BYTES)
            .setMaxBytesForLevelBase(LEVEL_BYTES);
    return tree.largeValues() ? withBlobs(options) : options;
  }

  private static ColumnFamilyOptions withBlobs(ColumnFamilyOptions options) {
    return options
        .setEnableBlobFiles(true)
        .setMinBlobSize(BLOB_BYTES_MIN)
        .setBlobFileSize(BLOB_FILE_BYTES)
        .setBlobCompressionType(CompressionType.LZ4_COMPRESSION)
        .setEnableBlobGarbageCollection(true)
        .setBlobGarbageCollectionAgeCutoff(BLOB_AGE_MOVED)
        .setBlobGarbageCollectionForceThreshold(BLOB_GARBAGE_MAX);
  }

  private BlockBasedTableConfig table(TreeOptions tree) {
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(blockBytes(tree))
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            .setIndexType(IndexType.kTwoLevelIndexSearch)
            .setOptimizeFiltersForMemory(true);
    if (tree.pointReads()) {
      table.setFilterPolicy(own(new BloomFilter(BLOOM_BITS))).setPartitionFilters(true);
    }
    return table;
  }

  /** Small blocks waste less of a small cache; large rows need no larger ones than they fill. */
  private static long blockBytes(TreeOptions tree) {
    boolean smallRows = tree.largeValues() || tree.valueBytes() <= 1024;
    return smallRows ? 8 * 1024 : 16 * 1024;
  }

  private <T extends AbstractNativeReference> T own(T object) {
    owned.push(object);
    return object;
  }
}
