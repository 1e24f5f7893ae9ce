package garage.table;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.layout.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Takes away the deleted rows of one table that every replica has. Every replica queues them, in
 * the batch that deletes them; the first of the partition's set takes them away, and the others do
 * where it has not for a while. Nothing is lost by two doing it, nor by none: what is not gone
 * stays in the queue.
 */
final class TombstoneWorker<E> implements Worker {
  private static final int ROWS_PER_STEP = 256;
  private static final Duration STEP_MAX = Duration.ofSeconds(30);
  private static final Duration RECHECK = Duration.ofSeconds(10);

  /** How long each further replica leaves the work to those before it. */
  private static final Duration TURN = Duration.ofMinutes(5);

  /** After a partition failed, as when a replica is away: not to ask it with every page. */
  private static final Duration FAILED_PAUSE = Duration.ofSeconds(30);

  private final Table<E> table;
  private final Tombstones queue;
  private final NodeId self;
  private final Clock clock;
  private final Map<Partition, Deadline> failed = new TreeMap<>();
  private byte[] position = new byte[0];

  TombstoneWorker(Table<E> table, Tombstones queue, NodeId self, Clock clock) {
    this.table = table;
    this.queue = queue;
    this.self = self;
    this.clock = clock;
  }

  @Override
  public String name() {
    return table.name() + " tombstone collection";
  }

  @Override
  public WorkerState step() {
    List<Tombstones.Waiting> page = queue.page(position, ROWS_PER_STEP);
    collect(page);
    if (page.size() < ROWS_PER_STEP) {
      position = new byte[0];
      return new WorkerState.Idle(RECHECK);
    }
    byte[] last = page.getLast().rowKey();
    position = Arrays.copyOf(last, last.length + 1);
    return new WorkerState.Busy();
  }

  private void collect(List<Tombstones.Waiting> page) {
    Map<Partition, List<E>> groups = new TreeMap<>();
    List<byte[]> alive = new ArrayList<>();
    for (Tombstones.Waiting waiting : page) {
      Optional<E> row = table.tombstone(waiting.rowKey());
      if (row.isEmpty()) {
        alive.add(waiting.rowKey());
      } else if (table.isCollectable(row.get()) && isOurTurn(table.partition(row.get()), waiting)) {
        groups.computeIfAbsent(table.partition(row.get()), _ -> new ArrayList<>()).add(row.get());
      }
    }
    if (!alive.isEmpty()) {
      table.forgetAlive(alive);
    }
    groups.forEach(this::collect);
  }

  private boolean isOurTurn(Partition partition, Tombstones.Waiting waiting) {
    Deadline pause = failed.get(partition);
    if (pause != null && !pause.expired(clock)) {
      return false;
    }
    int place = List.copyOf(table.placement().replicas(partition).all()).indexOf(self);
    return place >= 0 && clock.wallMillis() - waiting.since() >= place * TURN.toMillis();
  }

  private void collect(Partition partition, List<E> rows) {
    boolean gone;
    try {
      gone = table.collect(partition, rows, Deadline.after(clock, STEP_MAX));
    } catch (GarageException.QuorumNotReached | GarageException.Conflict e) {
      gone = false; // a replica is away, or its clock is
    }
    if (gone) {
      failed.remove(partition);
    } else {
      failed.put(partition, Deadline.after(clock, FAILED_PAUSE));
    }
  }
}
