package garage.block;

import garage.block.disk.BlockFiles;
import garage.block.disk.BlockSink;
import garage.common.env.Clock;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.db.Batch;
import garage.db.Store;
import garage.layout.Partition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blocks of this node: files, and rows that say who needs them.
 *
 * <p><b>Invariants.</b> (1) A block with a reference row has its file, which was durable before the
 * row was. (2) A file without a reference row is removed some day. Both hold whenever the process
 * is killed:
 *
 * <ol>
 *   <li>Killed before the rename: a temporary file stays, which the {@link OrphanSweep} removes.
 *   <li>Killed after it, before the row is committed: a file stays that no row knows. The sweep,
 *       which runs after every stop that was not clean and after every failed write, queues it for
 *       the {@link Collector}. The alternative, a durable note of intent before each write, would
 *       cost every block a commit to spare a rare start the listing of directories.
 *   <li>The row and the count change in one batch. A batch that takes a row back also queues the
 *       block for the collector, whether or not other rows remain: so it need not know, and changes
 *       of other rows need no order among each other.
 *   <li>The collector deletes the file, then commits that the queue row is gone. Killed between, it
 *       finds the row again and no file. The deletion's own durability is not waited for: a power
 *       cut that undoes it is followed by a sweep, but for one after a clean stop, which makes all
 *       deletions durable before it calls itself clean.
 * </ol>
 *
 * A referenced block is never deleted: the collector decides and deletes while holding the block's
 * lock exclusively, and everyone who adds a row holds it, shared or exclusively, from when he saw
 * the file until the row is committed.
 *
 * <p>A file that is there already is used instead of writing it again if it has a reference, which
 * proves that it was made durable, and all its checksums are right. A file without a reference may
 * be of a process that was killed before syncing the directory, and is written again.
 *
 * <p><b>Concurrency.</b> The lock of a reference (exclusive) makes reading its row and changing it
 * one step; it is taken before the lock of the block. Reading blocks takes no lock.
 */
public final class BlockStore implements AutoCloseable {
  /** References changed in one batch, locked together. */
  private static final int BATCH_REFERENCES_MAX = 1024;

  private static final Logger log = LoggerFactory.getLogger(BlockStore.class);

  private final BlockFiles files;
  private final Store store;
  private final Clock clock;
  private final Duration collectDelay;
  private final ReferenceRows rows;
  private final WantedRows wanted;
  private final SweepProgress sweepProgress;
  private final Pace pace;
  private final KeyedLocks<BlockReference> referenceLocks;
  private final KeyedLocks<Hash> blockLocks;

  /** Refuses references of partitions that this node must not know any of at the moment. */
  private volatile Consumer<Partition> admission = _ -> {};

  private volatile BooleanSupplier undone = () -> false;

  /** Set when a write failed after its file may have got its name. */
  private final AtomicBoolean suspect = new AtomicBoolean();

  private BlockStore(BlockFiles files, Store store, Clock clock, Duration collectDelay) {
    this.files = files;
    this.store = store;
    this.clock = clock;
    this.collectDelay = collectDelay;
    this.rows = new ReferenceRows(store);
    this.wanted = new WantedRows(store);
    this.sweepProgress = SweepProgress.open(store);
    this.pace = new Pace(clock);
    this.referenceLocks = new KeyedLocks<>(clock);
    this.blockLocks = new KeyedLocks<>(clock);
  }

  /**
   * Opens the blocks in {@code files}, whose rows are in the trees {@link BlockTrees} of {@code
   * store}. {@link BlockUpkeep} keeps them in order.
   *
   * @param collectDelay how long a block stays after its last reference went
   */
  public static BlockStore open(BlockFiles files, Store store, Clock clock, Duration collectDelay) {
    return new BlockStore(files, store, clock, collectDelay);
  }

  /**
   * Has the next {@link #open} of the blocks whose rows are in {@code store} look through all
   * directories, and for blocks that are missing, however the last stop was; durably.
   */
  public static void doubt(Store store) {
    SweepProgress.doubt(store);
  }

  /**
   * Stores a block durably, with a reference from {@code dataId}.
   *
   * @param hash the SHA-256 of {@code plain}, which is believed
   * @throws GarageException.StorageFull if the disk has only its reserve left
   */
  public void put(Hash hash, ByteBuffer plain, Uuid dataId) {
    admission.accept(Partition.of(hash));
    long begin = clock.nanos();
    BlockReference reference = new BlockReference(hash, dataId);
    try (KeyedLocks.Held own = referenceLocks.exclusive(reference)) {
      if (!stored(hash) || !putStored(reference)) {
        putNew(reference, plain);
      }
    }
    Duration took = Duration.ofNanos(clock.nanos() - begin);
    pace.client(Pace.Work.BLOCK_WRITE, took, plain.remaining());
  }

  private boolean stored(Hash hash) {
    return rows.count(hash) > 0;
  }

  /** Adds a reference to a block whose file is there; answers whether it is. */
  private boolean putStored(BlockReference reference) {
    Hash hash = reference.hash();
    try (KeyedLocks.Held shared = blockLocks.shared(List.of(hash))) {
      if (!stored(hash) || !files.intact(hash)) {
        return false;
      }
      add(List.of(reference));
      return true;
    }
  }

  private void putNew(BlockReference reference, ByteBuffer plain) {
    Hash hash = reference.hash();
    boolean done = false;
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      // Meanwhile somebody may have stored it.
      if (!stored(hash) || !files.intact(hash)) {
        files.write(hash, plain);
      }
      add(List.of(reference));
      done = true;
    } finally {
      if (!done) {
        suspect.set(true);
      }
    }
  }

  /**
   * Adds references to blocks that are here; none is added by a batch of which one is missing.
   *
   * @throws GarageException.Missing if a block is not here
   */
  public void reference(Collection<Hash> hashes, Uuid dataId) {
    for (List<BlockReference> batch : batches(hashes, dataId)) {
      try (KeyedLocks.Held own = referenceLocks.exclusive(batch);
          KeyedLocks.Held shared = blockLocks.shared(hashesOf(batch))) {
        for (BlockReference reference : batch) {
          if (!files.exists(reference.hash())) {
            throw new GarageException.Missing("block " + reference.hash() + " is not here");
          }
        }
        add(batch);
      }
    }
  }

  private void add(List<BlockReference> references) {
    Batch batch = new Batch();
    ReferenceRows.Times times = times();
    for (BlockReference reference : references) {
      ReferenceChange change =
          ReferenceChange.merging(rows.state(reference), ReferenceState.PRESENT);
      if (change.after() != ReferenceState.PRESENT) {
        throw new GarageException.Conflict("a reference is not made again: " + reference);
      }
      rows.apply(batch, reference, change, times);
    }
    commit(batch);
  }

  /** Takes references back, for ever; also those that are not there, which may be on their way. */
  public void release(Collection<Hash> hashes, Uuid dataId) {
    for (List<BlockReference> references : batches(hashes, dataId)) {
      try (KeyedLocks.Held own = referenceLocks.exclusive(references);
          KeyedLocks.Held shared = blockLocks.shared(hashesOf(references))) {
        Batch batch = new Batch();
        ReferenceRows.Times times = times();
        for (BlockReference reference : references) {
          rows.apply(
              batch,
              reference,
              ReferenceChange.merging(rows.state(reference), ReferenceState.RELEASED),
              times);
        }
        commit(batch);
      }
    }
  }

  /** When a block that loses its last reference now may go, in wall-clock milliseconds. */
  long due() {
    return clock.wallMillis() + collectDelay.toMillis();
  }

  private ReferenceRows.Times times() {
    return new ReferenceRows.Times(clock.wallMillis(), due());
  }

  private void commit(Batch batch) {
    if (!batch.isEmpty()) {
      store.commit(batch);
    }
  }

  private List<List<BlockReference>> batches(Collection<Hash> hashes, Uuid dataId) {
    List<List<BlockReference>> batches = new ArrayList<>();
    for (Hash hash : new TreeSet<>(hashes)) {
      admission.accept(Partition.of(hash));
      if (batches.isEmpty() || batches.getLast().size() == BATCH_REFERENCES_MAX) {
        batches.add(new ArrayList<>());
      }
      batches.getLast().add(new BlockReference(hash, dataId));
    }
    return batches;
  }

  private static List<Hash> hashesOf(List<BlockReference> references) {
    return references.stream().map(BlockReference::hash).toList();
  }

  /**
   * Brings in what other replicas know of references, in one batch. A block that becomes needed and
   * is not certainly here, whole and durable, becomes wanted. Answers how many were news.
   */
  int merge(List<ReferenceRow> learned) {
    List<BlockReference> references = learned.stream().map(ReferenceRow::reference).toList();
    int news = 0;
    try (KeyedLocks.Held own = referenceLocks.exclusive(references);
        KeyedLocks.Held exclusive = blockLocks.exclusive(hashesOf(references))) {
      Batch batch = new Batch();
      ReferenceRows.Times times = times();
      Set<Hash> doubtful = new TreeSet<>();
      for (ReferenceRow row : learned) {
        ReferenceChange change = ReferenceChange.merging(rows.state(row.reference()), row.state());
        rows.apply(batch, row.reference(), change, times);
        news += change.isNone() ? 0 : 1;
        if (change.delta() > 0 && !certain(row.reference().hash())) {
          doubtful.add(row.reference().hash());
        }
      }
      doubtful.forEach(hash -> wanted.want(batch, hash, times.nowMillis()));
      commit(batch);
    }
    return news;
  }

  /** A file that was needed before was made durable, or is wanted already. */
  private boolean certain(Hash hash) {
    return stored(hash) && files.exists(hash);
  }

  /** Forgets references that are released, on all replicas; answers how many were. */
  int forget(List<BlockReference> references) {
    int forgotten = 0;
    try (KeyedLocks.Held own = referenceLocks.exclusive(references)) {
      Batch batch = new Batch();
      ReferenceRows.Times times = times();
      for (BlockReference reference : references) {
        ReferenceChange change = ReferenceChange.forgetting(rows.state(reference));
        rows.apply(batch, reference, change, times);
        forgotten += change.isNone() ? 0 : 1;
      }
      commit(batch);
    }
    return forgotten;
  }

  /** From now on {@code check} is asked before a reference is added or released. */
  void admit(Consumer<Partition> check) {
    admission = check;
  }

  /** A stop is not clean while {@code undone} says that a start has to begin something again. */
  void leavesUndone(BooleanSupplier undone) {
    this.undone = undone;
  }

  /** Takes rows away that the other replicas have to tell anew, if they are true still. */
  void drop(List<BlockReference> references) {
    try (KeyedLocks.Held own = referenceLocks.exclusive(references);
        KeyedLocks.Held exclusive = blockLocks.exclusive(hashesOf(references))) {
      Batch batch = new Batch();
      ReferenceRows.Times times = times();
      for (BlockReference reference : references) {
        rows.apply(batch, reference, ReferenceChange.removing(rows.state(reference)), times);
      }
      new TreeSet<>(hashesOf(references)).forEach(hash -> wanted.remove(batch, hash));
      commit(batch);
    }
  }

  /**
   * Gives up a block and all that is known of it, which is the other nodes' now: the rows first, so
   * that a crash in between leaves an orphan.
   */
  void giveUp(Hash hash) {
    List<ReferenceRow> known = rows.of(hash, BATCH_REFERENCES_MAX);
    while (!known.isEmpty()) {
      List<BlockReference> references = known.stream().map(ReferenceRow::reference).toList();
      try (KeyedLocks.Held own = referenceLocks.exclusive(references);
          KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
        Batch batch = new Batch();
        for (BlockReference reference : references) {
          rows.apply(batch, reference, ReferenceChange.removing(rows.state(reference)), times());
        }
        wanted.remove(batch, hash);
        commit(batch);
      }
      known = rows.of(hash, BATCH_REFERENCES_MAX);
    }
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      if (!rows.needed(hash)) {
        files.delete(hash);
        Batch batch = new Batch();
        rows.forgetCount(batch, hash);
        rows.forgetDue(batch, hash);
        commit(batch);
      }
    }
  }

  /** Whether a block is needed and has no file, at a glance. */
  boolean isMissing(Hash hash) {
    return stored(hash) && !files.exists(hash);
  }

  /** Has a block fetched that is needed and has no file; answers whether that is news. */
  boolean wantMissing(Hash hash) {
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      if (files.exists(hash) || wanted.get(hash) != null || !rows.needed(hash)) {
        return false;
      }
      Batch batch = new Batch();
      wanted.want(batch, hash, clock.wallMillis());
      commit(batch);
      return true;
    }
  }

  /** Counts a block's references anew; answers whether the count was wrong. */
  boolean recount(Hash hash) {
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      long counted = rows.countNeeding(hash);
      if (counted == rows.count(hash)) {
        return false;
      }
      log.error("block {} had a count of {}, not {}", hash, rows.count(hash), counted);
      Batch batch = new Batch();
      rows.setCount(batch, hash, counted);
      if (counted == 0) {
        rows.enqueue(batch, new ReferenceRows.Queued(due(), hash));
      }
      commit(batch);
      return true;
    }
  }

  /** Brings a block into the data directory where new ones go; answers whether that is done. */
  boolean gather(Hash hash) {
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      return !files.exists(hash) || files.gather(hash);
    }
  }

  /** Tries a wanted block now; answers whether it is one. */
  boolean retryNow(Hash hash) {
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      WantedBlock entry = wanted.get(hash);
      if (entry == null) {
        return false;
      }
      Batch batch = new Batch();
      wanted.put(batch, hash, entry.now(clock.wallMillis()));
      commit(batch);
      return true;
    }
  }

  /**
   * Stores bytes that another replica sent, whose hash was checked, unless the block is here whole.
   * It need not be referenced yet; if it is not in time, the collector takes it.
   */
  void restore(Hash hash, ByteBuffer plain) {
    boolean done = false;
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      if (!files.matches(hash)) {
        files.write(hash, plain);
      }
      queueUnknown(hash);
      done = true;
    } finally {
      if (!done) {
        suspect.set(true);
      }
    }
  }

  /** Has the collector look at a block that nothing is known of; with the block's lock. */
  void queueUnknown(Hash hash) {
    if (!rows.known(hash)) {
      Batch batch = new Batch();
      rows.enqueue(batch, new ReferenceRows.Queued(due(), hash));
      commit(batch);
    }
  }

  /**
   * Makes sure that a file that is here is whole and durable; answers whether it is. Bad ones are
   * put aside, and where none is left one that was put aside and can be read again is taken back.
   */
  boolean settle(Hash hash) {
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      files.quarantine(hash);
      return files.settle(hash) || (files.reinstate(hash) && files.settle(hash));
    }
  }

  /**
   * A wanted block was looked after.
   *
   * @param here whether it must be here, if it is needed: if not, it was put aside meanwhile
   */
  void satisfied(Hash hash, boolean here) {
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      Batch batch = new Batch();
      if (here && !files.exists(hash) && rows.needed(hash)) {
        wanted.put(batch, hash, WantedBlock.at(clock.wallMillis()));
      } else {
        wanted.remove(batch, hash);
      }
      commit(batch);
    }
  }

  /** A wanted block could not be had; it is tried again later. */
  void failed(Hash hash, @Nullable String message) {
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      WantedBlock entry = wanted.get(hash);
      if (entry != null) {
        Batch batch = new Batch();
        wanted.put(batch, hash, entry.failed(clock.wallMillis(), message));
        commit(batch);
      }
    }
  }

  /**
   * Gives the plain bytes {@code [from, to)} of a block to {@code sink}, verified. A file that
   * turns out to be damaged or unreadable is put aside, and one that is needed is fetched again in
   * the background.
   *
   * @throws GarageException.Missing if the block is not here
   * @throws GarageException.Corrupt if it is damaged; what the sink got before is good
   * @throws GarageException.StorageFailed if it cannot be read
   */
  public void read(Hash hash, int from, int to, BlockSink sink) {
    try {
      TimedSink timed = new TimedSink(sink, clock);
      files.read(hash, from, to, timed);
      pace.client(Pace.Work.BLOCK_READ, timed.elsewhere(), to - from);
    } catch (GarageException.Missing | GarageException.Corrupt | GarageException.StorageFailed e) {
      lookAfter(hash, e);
      throw e;
    }
  }

  private void lookAfter(Hash hash, GarageException failure) {
    try {
      if (!(failure instanceof GarageException.Missing)) {
        log.error("block {} cannot be read here: {}", hash, failure.getMessage());
        inspect(hash);
      } else if (stored(hash)) {
        log.error("block {} is needed and not here", hash);
        inspect(hash);
      }
    } catch (GarageException.StorageFailed | GarageException.StorageFull e) {
      log.error("block {} cannot be looked after: {}", hash, e.getMessage());
    }
  }

  /**
   * Looks at a block's files, under the lock (a good one may have taken a bad one's place): puts
   * bad ones aside, and has the block fetched if it is needed and no good one is left. Answers how
   * many were put aside.
   */
  int inspect(Hash hash) {
    try (KeyedLocks.Held exclusive = blockLocks.exclusive(hash)) {
      int bad = files.quarantine(hash);
      if (!files.exists(hash) && rows.needed(hash)) {
        Batch batch = new Batch();
        wanted.want(batch, hash, clock.wallMillis());
        commit(batch);
      }
      return bad;
    }
  }

  /**
   * The length of a block's plain bytes.
   *
   * @throws GarageException.Missing if the block is not here
   */
  int length(Hash hash) {
    return files.length(hash);
  }

  /** Whether there is a file for the block. */
  public boolean has(Hash hash) {
    return files.exists(hash);
  }

  /** How many references the block has. */
  public long references(Hash hash) {
    return rows.count(hash);
  }

  /** What is to be run in the background where there are no other nodes. */
  List<Worker> workers() {
    return List.of(new Collector(this), new OrphanSweep(this, () -> true));
  }

  /** Counts since the start. */
  public BlockFiles.Statistics statistics() {
    return files.statistics();
  }

  /**
   * Notes that nothing was left half done, and that no loss of power brings back what was deleted,
   * so that the next start need not look. If that cannot be made sure of, it will look. Workers and
   * requests must have ended; the files and the store stay open. At most 256 directories of each
   * data directory are synced, those with names changed since.
   */
  @Override
  public void close() {
    boolean idle = referenceLocks.idle() && blockLocks.idle();
    if (suspect.get() || !idle || undone.getAsBoolean()) {
      return;
    }
    try {
      files.settleNames();
      sweepProgress.closeCleanly();
    } catch (GarageException.StorageFailed | GarageException.StorageFull e) {
      log.warn("the next start looks through all directories of blocks: {}", e.getMessage());
    }
  }

  BlockFiles files() {
    return files;
  }

  Store store() {
    return store;
  }

  WantedRows wanted() {
    return wanted;
  }

  /** How fast work in the background may go: all of the node's. */
  public Pace pace() {
    return pace;
  }

  ReferenceRows rows() {
    return rows;
  }

  KeyedLocks<Hash> blockLocks() {
    return blockLocks;
  }

  SweepProgress sweepProgress() {
    return sweepProgress;
  }

  Clock clock() {
    return clock;
  }

  /** Whether a write has failed since this was last asked. */
  boolean takeSuspicion() {
    return suspect.getAndSet(false);
  }
}
