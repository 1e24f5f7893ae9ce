package garage.db.snapshot;

import garage.common.check.Invariant;
import garage.common.env.Clock;
import garage.common.env.RandomSource;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Takes snapshots again and again: the first after half the interval, each further one after the
 * interval and up to a fifth more, so that the nodes of a cluster do not all do it at once.
 */
public final class SnapshotWorker implements Worker {
  private final Snapshots snapshots;
  private final Duration interval;
  private final Clock clock;
  private final RandomSource random;
  private long nextNanos;
  private volatile @Nullable String last;

  public SnapshotWorker(Snapshots snapshots, Duration interval, Clock clock, RandomSource random) {
    Invariant.check(interval.compareTo(Duration.ofSeconds(1)) >= 0, "an interval", interval);
    this.snapshots = snapshots;
    this.interval = interval;
    this.clock = clock;
    this.random = random;
    this.nextNanos = clock.nanos() + interval.dividedBy(2).toNanos();
  }

  @Override
  public String name() {
    return "Metadata snapshot worker";
  }

  @Override
  public WorkerState step() {
    long left = nextNanos - clock.nanos();
    if (left > 0) {
      return new WorkerState.Idle(Duration.ofNanos(left));
    }
    last = snapshots.take();
    long fifth = Math.min(Integer.MAX_VALUE - 1, interval.toSeconds() / 5);
    Duration pause = interval.plusSeconds(random.nextInt((int) fifth + 1));
    nextNanos = clock.nanos() + pause.toNanos();
    return new WorkerState.Idle(pause);
  }

  @Override
  public @Nullable String progress() {
    String taken = last;
    return taken == null ? null : "last " + taken;
  }
}
