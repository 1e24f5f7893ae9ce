package garage.db.memory;

import garage.common.check.Invariant;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import garage.db.Batch;
import garage.db.Batch.Change;
import garage.db.CommitStatistics;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The store in memory, with the durability of a real one: a batch waits for a sync, which takes a
 * configured time of the {@link Clock}; batches that arrive meanwhile share the next one; a batch
 * becomes visible and durable at the same instant, when its sync ends; a crash forgets what was not
 * synced. It blocks on a {@link Gate} alone and starts no thread, so the deterministic scheduler
 * decides everything.
 *
 * <p>Reads never block: the state is an immutable map of immutable trees, replaced as a whole.
 */
public final class MemoryStore implements Store {
  /** Waiting batches, beyond which tasks wait for room. */
  public static final int QUEUE_BATCHES_MAX = 1024;

  private final MemoryStorage storage;
  private final Map<String, MemoryTree> trees = new HashMap<>();
  private final Clock clock;
  private final Duration syncTime;
  private final Gate gate;
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private final List<Pending> syncing = new ArrayList<>();
  private CommitStatistics statistics = new CommitStatistics(0, 0, 0);
  private boolean closing;
  private boolean broken;
  private volatile @Nullable String closed;

  /**
   * Opens a store on {@code storage}, which no other open store may use.
   *
   * @param syncTime how long a sync takes; with zero, commits never block
   */
  public MemoryStore(MemoryStorage storage, Set<String> trees, Clock clock, Duration syncTime) {
    Invariant.check(!syncTime.isNegative(), "a sync takes no negative time", syncTime);
    storage.acquire(this);
    this.storage = storage;
    trees.forEach(name -> this.trees.put(name, new MemoryTree(this, name)));
    this.clock = clock;
    this.syncTime = syncTime;
    this.gate = new Gate(clock);
  }

  /** An empty store whose commits take no time, for tests that are not about durability. */
  public static MemoryStore immediate(Set<String> trees, Clock clock) {
    return new MemoryStore(new MemoryStorage(), trees, clock, Duration.ZERO);
  }

  private record MemoryTree(MemoryStore store, String name) implements Tree {
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** A batch that waits for its sync. */
  private static final class Pending {
    private final List<Change> changes;
    private boolean done;
    private @Nullable GarageException failure;

    private Pending(List<Change> changes) {
      this.changes = changes;
    }
  }

  @Override
  public Tree tree(String name) {
    MemoryTree tree = trees.get(name);
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
    checkOpen();
    byte[] value = rows(tree).get(key);
    return value == null ? null : value.clone();
  }

  @Override
  public Scan scan(Tree tree, KeyRange range) {
    checkOpen();
    return new MemoryScan(this, rows(tree), range);
  }

  @Override
  public void commit(Batch batch) {
    List<Change> changes = batch.changes();
    changes.forEach(change -> own(change.tree()));
    Pending pending = new Pending(changes);
    gate.lock();
    try {
      gate.await(() -> closing || queue.size() < QUEUE_BATCHES_MAX, Deadline.NEVER);
      checkAccepting();
      queue.add(pending);
      if (syncing.isEmpty()) {
        beginSync();
      }
      gate.awaitThrough(() -> pending.done); // who leaves its locks before would not be alone
      if (pending.failure != null) {
        throw pending.failure;
      }
    } finally {
      gate.unlock();
    }
  }

  @Override
  public CommitStatistics statistics() {
    return gate.locked(() -> statistics);
  }

  @Override
  public long approximateCount(Tree tree) {
    checkOpen();
    return rows(tree).size();
  }

  @Override
  public void checkpoint(String directory) {
    checkOpen();
    storage.copyTo(directory);
  }

  @Override
  public void close() {
    gate.lock();
    try {
      closing = true;
      gate.signal();
      gate.await(() -> syncing.isEmpty(), Deadline.NEVER);
      end("the store is closed");
    } finally {
      gate.unlock();
    }
  }

  /** Ends the store as a power failure does: nothing that waits for a sync is kept. */
  public void crash() {
    crash(0);
  }

  /**
   * Ends the store as a power failure does, which the first {@code kept} batches of those that wait
   * for a sync survive all the same, as they may when the disk was just writing them, or when only
   * the process was killed. All who wait fail: they cannot know.
   */
  public void crash(int kept) {
    gate.lock();
    try {
      List<Pending> waiting = new ArrayList<>(syncing);
      waiting.addAll(queue);
      if (closed == null && !broken) {
        apply(waiting.subList(0, Math.min(kept, waiting.size())));
      }
      syncing.clear();
      queue.clear();
      waiting.forEach(pending -> finish(pending, crashed()));
      closing = true;
      end("the store crashed");
      gate.signal();
    } finally {
      gate.unlock();
    }
  }

  /** The number of batches that wait for a sync; what {@link #crash(int)} may keep. */
  public int waiting() {
    return gate.locked(() -> syncing.size() + queue.size());
  }

  /** Throws unless the store is open. */
  void checkOpen() {
    if (closed != null) {
      throw new GarageException.StorageFailed(closed, null);
    }
  }

  private void checkAccepting() {
    checkOpen();
    if (closing) {
      throw new GarageException.StorageFailed("the store is closed", null);
    }
    if (broken) {
      throw failed();
    }
  }

  private void beginSync() {
    syncing.addAll(queue);
    queue.clear();
    gate.signal();
    if (syncTime.isZero()) {
      endSync();
    } else {
      clock.schedule(syncTime, () -> gate.update(this::endSync));
    }
  }

  /** Runs with the gate held. */
  private void endSync() {
    if (closed != null) {
      return; // a crash came first
    }
    MemoryStorage.Failing failing = storage.takeFailing();
    if (failing != null) {
      breakDown(failing);
      return;
    }
    boolean full = storage.isFull() && syncing.stream().anyMatch(p -> !p.changes.isEmpty());
    if (!full) {
      apply(syncing);
      statistics =
          new CommitStatistics(
              statistics.batches() + syncing.size(),
              statistics.groups() + 1,
              statistics.syncs() + 1);
    }
    for (Pending pending : syncing) {
      finish(pending, full ? new GarageException.StorageFull("the simulated disk is full") : null);
    }
    syncing.clear();
    if (!queue.isEmpty()) {
      beginSync();
    }
  }

  /** After a write that failed nothing is written any more: nobody knows what is on the disk. */
  private void breakDown(MemoryStorage.Failing failing) {
    broken = true;
    if (failing == MemoryStorage.Failing.KEPT) {
      storage.replaceLater(after(syncing));
    }
    syncing.forEach(pending -> finish(pending, failed()));
    queue.forEach(pending -> finish(pending, failed()));
    syncing.clear();
    queue.clear();
    gate.signal();
  }

  private static GarageException failed() {
    return new GarageException.StorageFailed("cannot write: input/output error", null);
  }

  private void apply(List<Pending> group) {
    storage.replace(after(group));
  }

  private Map<String, Rows> after(List<Pending> group) {
    Map<String, Rows> state = storage.edit();
    for (Pending pending : group) {
      for (Change change : pending.changes) {
        state.compute(
            change.tree().name(), (_, rows) -> changed(rows == null ? Rows.EMPTY : rows, change));
      }
    }
    return state;
  }

  private static Rows changed(Rows rows, Change change) {
    return switch (change) {
      case Change.Put put -> rows.with(put.key().clone(), put.value().clone());
      case Change.Delete delete -> rows.without(delete.key());
      case Change.Add add -> {
        long sum = Batch.counter(rows.get(add.key())) + add.delta();
        byte[] value =
            ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(sum).array();
        yield rows.with(add.key().clone(), value);
      }
    };
  }

  private static void finish(Pending pending, @Nullable GarageException failure) {
    pending.done = true;
    pending.failure = failure;
  }

  private static GarageException crashed() {
    return new GarageException.StorageFailed("the store crashed", null);
  }

  private void end(String reason) {
    if (closed == null) {
      closed = reason;
      storage.release();
    }
  }

  private Rows rows(Tree tree) {
    return storage.rows(own(tree).name());
  }

  private MemoryTree own(Tree tree) {
    if (tree instanceof MemoryTree own && own.store() == this) {
      return own;
    }
    throw new IllegalArgumentException("a tree of another store: " + tree.name());
  }
}
