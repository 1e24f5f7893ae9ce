package garage.model.object;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.table.register.RegisterSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes away the rows of deletions that every replica knows of, so that deleted keys cost listings
 * nothing for long. Works off the queue in passes; what cannot be collected yet stays for the next.
 * It goes at the pace of lifecycles, whose deletions are most of what it collects, or faster while
 * many wait.
 */
public final class TombstoneCollector implements Worker {
  private static final int KEYS_PER_STEP = 256;
  private static final Duration STEP_MAX = Duration.ofSeconds(30);
  private static final Duration RECHECK = Duration.ofSeconds(10);

  /** Of more tombstones than this, collection takes more of the time. */
  private static final int BACKLOG_MAX = 50_000;

  private final String family;
  private final Collector collector;
  private final Store store;
  private final Clock clock;
  private final Tree queue;
  private final Pace pace;
  private byte[] position = new byte[0];
  private int fruitless;

  /** Pages of which nothing went, after which the rest is left for later: a replica is away. */
  private static final int FRUITLESS_MAX = 4;

  /** Collects the rows of some keys; answers how many are gone. */
  public interface Collector {
    int collect(List<byte[]> keys, Deadline deadline);
  }

  public TombstoneCollector(
      String family, Collector collector, Store store, Clock clock, Pace pace) {
    this.family = family;
    this.collector = collector;
    this.store = store;
    this.clock = clock;
    this.pace = pace;
    this.queue = store.tree(RegisterSchema.collectTree(family));
  }

  @Override
  public String name() {
    return family + " tombstone collection";
  }

  @Override
  public WorkerState step() {
    long begin = clock.nanos();
    List<byte[]> keys = next();
    int gone = collector.collect(keys, Deadline.after(clock, STEP_MAX));
    fruitless = gone > 0 ? 0 : fruitless + 1;
    if (keys.size() < KEYS_PER_STEP) {
      position = new byte[0];
      return new WorkerState.Idle(RECHECK);
    }
    byte[] last = keys.getLast();
    position = java.util.Arrays.copyOf(last, last.length + 1);
    if (fruitless >= FRUITLESS_MAX) {
      fruitless = 0;
      return new WorkerState.Idle(RECHECK);
    }
    return pace.after(Duration.ofNanos(clock.nanos() - begin), hurry());
  }

  /** Where clients delete faster than that, listings must not come to read mostly tombstones. */
  private Pace.Hurry hurry() {
    return queueLength() > BACKLOG_MAX ? Pace.Hurry.REPAIR : Pace.Hurry.DAILY;
  }

  @Override
  public long queueLength() {
    return store.approximateCount(queue);
  }

  private List<byte[]> next() {
    List<byte[]> keys = new ArrayList<>();
    try (Scan scan = store.scan(queue, KeyRange.of(position, null))) {
      Scan.Row row = scan.next();
      while (row != null && keys.size() < KEYS_PER_STEP) {
        keys.add(row.key());
        row = scan.next();
      }
    }
    return keys;
  }
}
