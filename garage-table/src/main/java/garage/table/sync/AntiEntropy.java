package garage.table.sync;

import garage.common.env.Clock;
import garage.common.env.Gate;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.layout.Epoch;
import garage.layout.Partition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings every partition kept here together with each other replica that counts: after a start,
 * after every change of epoch, when a peer comes back, and from time to time. Roots are compared
 * many at once; where they differ a {@link Walk} makes them equal. What this node holds of
 * partitions that are no longer its own is dropped once every replica has become equal to every
 * other in the present stable epoch, and so holds all there is.
 *
 * <p>One task, one page at a time, at background priority; after each page it rests for as long as
 * the page took, so that a node which is slow because clients keep it busy is asked less.
 */
public final class AntiEntropy implements Worker {
  /** Everything is compared this often, and up to {@link #JITTER_MAX_SECONDS} later. */
  private static final Duration EVERY = Duration.ofMinutes(10);

  private static final int JITTER_MAX_SECONDS = 120;

  /** A peer that failed is tried again after this. */
  private static final Duration RETRY = Duration.ofSeconds(15);

  /** How soon a new epoch is noticed by an idle worker that nobody wakes. */
  private static final Duration RECHECK = Duration.ofSeconds(5);

  /** Roots asked for at once: a peer computes them by reading 4096 sums each. */
  private static final int ROOTS_MAX = 32;

  /** The longest rest after a page. */
  private static final Duration REST_MAX = Duration.ofMillis(250);

  /** Rows dropped in one step. */
  private static final int DROP_MAX = 500;

  private static final Logger LOG = LoggerFactory.getLogger(AntiEntropy.class);

  private record Task(RowSync table, NodeId peer, List<Partition> partitions) {}

  private final List<RowSync> tables;
  private final Clock clock;
  private final RandomSource random;
  private final Gate gate;
  private final ArrayDeque<Task> queue = new ArrayDeque<>();
  private final Set<NodeId> returned = new LinkedHashSet<>();
  private final Set<NodeId> failed = new LinkedHashSet<>();
  private @Nullable Walk walk;
  private @Nullable Task walking;
  private long plannedEpoch = -1;

  /** The epoch of which nothing stale is here any more. */
  private long cleanEpoch = -1;

  private long nextAt;
  private long retryAt;
  private boolean dropDue;
  private long waiting;
  private long done;

  public AntiEntropy(List<RowSync> tables, Clock clock, RandomSource random) {
    this.tables = List.copyOf(tables);
    this.clock = clock;
    this.random = random;
    this.gate = new Gate(clock);
  }

  /** A peer was connected: what it missed is brought to it soon. */
  public void peerReturned(NodeId peer) {
    gate.update(() -> returned.add(peer));
  }

  /** Everything is compared at once, as an operator asked. */
  public void syncNow() {
    gate.update(() -> plannedEpoch = -1);
  }

  @Override
  public String name() {
    return "table synchronisation";
  }

  @Override
  public long queueLength() {
    return gate.locked(() -> waiting);
  }

  /** How many partitions of tables were compared or made equal in the present epoch. */
  public long done() {
    return gate.locked(() -> done);
  }

  @Override
  public WorkerState step() {
    long began = clock.nanos();
    boolean worked = takeAwayStale();
    if (!worked) {
      plan();
      worked = work();
    }
    gate.update(this::count);
    if (worked) {
      Duration took = Duration.ofNanos(clock.nanos() - began);
      return new WorkerState.Throttled(took.compareTo(REST_MAX) < 0 ? took : REST_MAX);
    }
    return new WorkerState.Idle(RECHECK);
  }

  // --- what to do

  private void plan() {
    long epoch = epoch();
    Set<NodeId> again =
        gate.locked(() -> {
          Set<NodeId> some = new LinkedHashSet<>(returned);
          returned.clear();
          return some;
        });
    if (gate.locked(() -> plannedEpoch) != epoch) {
      planAll(epoch);
    } else if (clock.nanos() - nextAt >= 0 && queue.isEmpty()) {
      planAll(epoch);
    } else {
      if (!failed.isEmpty() && clock.nanos() - retryAt >= 0) {
        again.addAll(failed);
        failed.clear();
      }
      again.forEach(this::plan);
    }
  }

  private void planAll(long epoch) {
    queue.clear();
    failed.clear();
    walk = null;
    tables.forEach(table -> plan(table, null));
    gate.update(() -> {
      if (plannedEpoch != epoch) {
        done = 0;
      }
      plannedEpoch = epoch;
    });
    dropDue = !tables.getFirst().placement().nodes().isEmpty(); // nothing to leave without a layout
    nextAt = clock.nanos() + EVERY.plusSeconds(random.nextInt(JITTER_MAX_SECONDS)).toNanos();
  }

  private void plan(NodeId peer) {
    queue.removeIf(task -> task.peer().equals(peer));
    tables.forEach(table -> plan(table, peer));
  }

  /** Queues what is shared with {@code only}, or with every peer. */
  private void plan(RowSync table, @Nullable NodeId only) {
    TreeMap<NodeId, List<Partition>> shared = new TreeMap<>();
    for (Partition partition : table.placement().partitions()) {
      for (NodeId peer : peers(table, partition)) {
        if (only == null || only.equals(peer)) {
          shared.computeIfAbsent(peer, _ -> new ArrayList<>()).add(partition);
        }
      }
    }
    shared.forEach((peer, all) -> {
      for (int i = 0; i < all.size(); i += ROOTS_MAX) {
        queue.add(new Task(table, peer, all.subList(i, Math.min(all.size(), i + ROOTS_MAX))));
      }
    });
  }

  private static List<NodeId> peers(RowSync table, Partition partition) {
    try {
      return table.peers(partition);
    } catch (GarageException.QuorumNotReached e) {
      return List.of(); // no layout yet
    }
  }

  private long epoch() {
    return tables.getFirst().placement().fence().epoch();
  }

  private void count() {
    long count = walk == null ? 0 : 1;
    for (Task task : queue) {
      count += task.partitions().size();
    }
    waiting = count;
  }

  // --- doing it

  /** Does one page of work; answers whether there was any. */
  private boolean work() {
    Task task = walk != null ? walking : queue.peek();
    if (task == null) {
      return dropDue && drop();
    }
    try {
      Walk going = walk;
      if (going != null) {
        goOn(task, going);
      } else {
        queue.remove();
        compare(task);
      }
    } catch (GarageException.Cancelled
        | GarageException.StorageFull
        | GarageException.StorageFailed e) {
      throw e;
    } catch (GarageException e) {
      giveUp(task, e);
    }
    return true;
  }

  private void goOn(Task task, Walk going) {
    if (!going.step()) {
      return;
    }
    Partition partition = task.partitions().getFirst();
    if (going.exchanged() > 0) {
      LOG.debug(
          "{} partition {}: {} rows exchanged with {}",
          task.table().name(),
          partition,
          going.exchanged(),
          task.peer().shortHex());
    }
    noteEqual(task, List.of(partition));
    walk = null;
  }

  private void compare(Task task) {
    long epoch = epoch();
    RowSync table = task.table();
    if (task.partitions().size() == 1) {
      startWalk(task, epoch);
      return;
    }
    List<Hash> theirs = table.roots(task.peer(), epoch, task.partitions());
    List<Partition> same = new ArrayList<>();
    List<Partition> differing = new ArrayList<>();
    for (int i = 0; i < theirs.size(); i++) {
      Partition partition = task.partitions().get(i);
      (theirs.get(i).equals(table.index().root(partition)) ? same : differing).add(partition);
    }
    table.check(epoch);
    noteEqual(task, same);
    for (Partition partition : differing.reversed()) {
      queue.addFirst(new Task(table, task.peer(), List.of(partition)));
    }
  }

  private void startWalk(Task task, long epoch) {
    walk = new Walk(task.table(), task.peer(), task.partitions().getFirst(), epoch);
    walking = task;
  }

  private void noteEqual(Task task, List<Partition> partitions) {
    task.table().noteEqual(gate.locked(() -> plannedEpoch), partitions, task.peer());
    gate.update(() -> done += partitions.size());
  }

  private void giveUp(Task task, GarageException cause) {
    LOG.debug(
        "{} is not synchronised with {}: {}",
        task.table().name(),
        task.peer().shortHex(),
        cause.getMessage());
    walk = null;
    boolean away =
        cause instanceof GarageException.Unreachable || cause instanceof GarageException.TimedOut;
    if (away) {
      queue.removeIf(other -> other.peer().equals(task.peer()));
    }
    if (failed.isEmpty()) {
      retryAt = clock.nanos() + RETRY.toNanos();
    }
    failed.add(task.peer());
  }

  /** Before anything else in a new epoch; see {@link SyncedRows#takeAwayStale}. */
  private boolean takeAwayStale() {
    long epoch = tables.getFirst().placement().layout().map(it -> it.epoch().number()).orElse(-1L);
    if (epoch == cleanEpoch) {
      return false;
    }
    boolean worked = tables.stream().anyMatch(table -> table.rows().takeAwayStale(DROP_MAX));
    cleanEpoch = worked ? cleanEpoch : epoch;
    return worked;
  }

  // --- what is no longer kept here

  /** Drops a page of what is no longer kept here; answers whether there may be more. */
  private boolean drop() {
    long epoch = epoch();
    if (Epoch.ofNumber(epoch).isStable()) {
      for (RowSync table : tables) {
        for (Partition partition : table.placement().partitions()) {
          if (isLeft(table, partition) && dropPage(table, partition, epoch)) {
            return true;
          }
        }
      }
    }
    dropDue = false;
    return false;
  }

  private static boolean isLeft(RowSync table, Partition partition) {
    return table.rows().dropsLeft()
        && !table.isKept(partition)
        && !table.index().isEmpty(partition);
  }

  /** Answers whether something was dropped; what cannot be yet is left to a later plan. */
  private boolean dropPage(RowSync table, Partition partition, long epoch) {
    try {
      for (NodeId node : table.placement().replicas(partition).all()) {
        if (!table.settled(node, epoch, partition)) {
          dropLater();
          return false;
        }
      }
      table.check(epoch);
    } catch (GarageException.Unreachable | GarageException.TimedOut | GarageException.Stale e) {
      dropLater();
      return false;
    }
    List<MerkleIndex.Leaf> page =
        table.index().rows(partition, MerkleIndex.Position.START, DROP_MAX);
    table.rows().drop(partition, page.stream().map(MerkleIndex.Leaf::rowKey).toList());
    return true;
  }

  private void dropLater() {
    long soon = clock.nanos() + RETRY.toNanos();
    nextAt = nextAt - soon < 0 ? nextAt : soon;
  }
}
