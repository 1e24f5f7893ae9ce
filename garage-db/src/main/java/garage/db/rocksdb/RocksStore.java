package garage.db.rocksdb;

import garage.common.error.GarageException;
import garage.db.Batch;
import garage.db.Batch.Change;
import garage.db.CommitStatistics;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.db.TreeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.RocksDBException;

/**
 * The store on RocksDB: a column family per tree, one {@link GroupCommit} for all of them.
 *
 * <p>Visible is durable: with {@code sync}, RocksDB syncs its log before it inserts a write into
 * the memtables that readers see, and when it opens it flushes what the log held into synced files
 * before anybody reads, so bytes that a crash left unsynced in the page cache are not shown either.
 *
 * <p>Reads call RocksDB directly on the calling virtual thread, which holds its carrier meanwhile
 * (a native frame cannot be unmounted). There is no limit on them here: their number can never
 * exceed that of the carriers, a hot read takes microseconds, and a permit per read would cost a
 * good part of that. A node with few cores gives the scheduler more carriers than cores instead
 * ({@code -Djdk.virtualThreadScheduler.parallelism=8}), so that reads that wait for a cold disk do
 * not stop everything else. Writes hold no carrier: they wait for the writer's thread.
 *
 * <p>A full disk: writes fail with {@link GarageException.StorageFull} and reads go on; {@link
 * FullDisk} says how writing resumes. After a write that failed for another reason RocksDB refuses
 * more, in most cases until the process is started again and the log replayed: a failed sync is
 * never taken for a success.
 */
public final class RocksStore implements Store {
  /** The largest batch in bytes; it is copied into native memory once. */
  public static final long BATCH_BYTES_MAX = 64L << 20;

  private final Map<String, RocksTree> trees = new HashMap<>();
  private final Lease lease;
  private final GroupCommit commits;

  private RocksStore(Path directory, Map<String, TreeOptions> trees, RocksSettings settings) {
    trees.keySet().forEach(name -> this.trees.put(name, new RocksTree(this, name)));
    this.lease = new Lease(directory, trees, settings);
    this.commits = new GroupCommit(new WriteLog(lease, settings.sync(), new FullDisk(directory)));
  }

  /**
   * Opens the store in {@code directory}, which is created if it is not there.
   *
   * @param trees every tree with its options; a tree that the directory has and this does not name
   *     is kept untouched
   * @throws GarageException.StorageFailed with a message for the user, if the directory cannot be
   *     written or another process has it open
   */
  public static RocksStore open(
      String directory, Map<String, TreeOptions> trees, RocksSettings settings) {
    Path path = Path.of(directory).toAbsolutePath();
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new GarageException.StorageFailed(
          "cannot create the metadata directory " + path + ": " + e, e);
    }
    if (!Files.isWritable(path)) {
      throw new GarageException.StorageFailed("cannot write to the directory " + path, null);
    }
    NativeLibrary.load(path);
    return new RocksStore(path, Map.copyOf(trees), settings);
  }

  @Override
  public Tree tree(String name) {
    RocksTree tree = trees.get(name);
    if (tree == null) {
      throw new IllegalArgumentException("the store was not opened with the tree " + name);
    }
    return tree;
  }

  @Override
  public Set<String> trees() {
    return Collections.unmodifiableSet(new TreeSet<>(trees.keySet()));
  }

  @Override
  public byte @Nullable [] get(Tree tree, byte[] key) {
    String family = own(tree).name();
    return lease.use("cannot read", open -> open.db().get(open.family(family), open.reads(), key));
  }

  @Override
  public Scan scan(Tree tree, KeyRange range) {
    return RocksScan.open(lease, own(tree).name(), range);
  }

  @Override
  public void commit(Batch batch) {
    List<Change> changes = batch.changes();
    long bytes = 0;
    for (Change change : changes) {
      own(change.tree());
      bytes += change.bytes();
    }
    if (bytes > BATCH_BYTES_MAX) {
      throw new GarageException.InvalidInput(
          "a batch of %d bytes is more than %d".formatted(bytes, BATCH_BYTES_MAX));
    }
    commits.commit(changes, bytes);
  }

  @Override
  public long approximateCount(Tree tree) {
    String family = own(tree).name();
    return lease.use(
        "cannot count",
        open -> open.db().getLongProperty(open.family(family), "rocksdb.estimate-num-keys"));
  }

  @Override
  public void checkpoint(String directory) {
    lease.use("cannot write the copy " + directory, open -> copy(open, directory));
  }

  @Override
  public CommitStatistics statistics() {
    return commits.statistics();
  }

  @Override
  public void close() {
    commits.close();
    lease.close();
  }

  private static boolean copy(OpenDatabase open, String directory) throws RocksDBException {
    try (Checkpoint checkpoint = Checkpoint.create(open.db())) {
      checkpoint.createCheckpoint(Path.of(directory).toAbsolutePath().toString());
      return true;
    }
  }

  private RocksTree own(Tree tree) {
    if (tree instanceof RocksTree own && own.store() == this) {
      return own;
    }
    throw new IllegalArgumentException("a tree of another store: " + tree.name());
  }
}
