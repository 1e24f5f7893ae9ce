package garage.block;

import garage.common.env.Clock;
import garage.common.worker.WorkerState;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Slows work in the background down as far as clients feel it, so that there is nothing to tune.
 * The share of time that background work may take falls by half whenever operations of clients take
 * half as long again as they did at their best, and grows slowly otherwise (additive increase,
 * multiplicative decrease, as in TCP; the best time rises slowly, so that it forgets another disk's
 * or load's). Without clients it works without pause.
 */
final class Pace {
  /** Repair matters more than a client's comfort: it takes at least a quarter of the time. */
  static final double REPAIR = 0.25;

  /** A look over everything has weeks: it makes do with a fiftieth. */
  static final double LEISURE = 0.02;

  /** Without an operation of a client for so long there are none. */
  private static final long QUIET_NANOS = 1_000_000_000L;

  /** How often the share changes. */
  private static final long ADJUST_NANOS = 200_000_000L;

  /** Operations are compared by what so many bytes take. */
  private static final int UNIT_BYTES = 64 << 10;

  private static final double INCREASE = 0.05;
  private static final double TOLERANCE = 1.5;
  private static final double SMOOTHING = 0.125;
  private static final double BEST_RISE = 1.001;
  private static final Duration PAUSE_MAX = Duration.ofSeconds(2);

  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Latency reads = new Latency();
  private final Latency writes = new Latency();
  private double share = 0.5;
  private long lastClient;
  private long lastChange;

  Pace(Clock clock) {
    this.clock = clock;
  }

  /** A client's read of {@code bytes} took so long. */
  void read(Duration took, int bytes) {
    client(reads, took, bytes);
  }

  /** A client's write of {@code bytes} took so long. */
  void wrote(Duration took, int bytes) {
    client(writes, took, bytes);
  }

  private void client(Latency latency, Duration took, int bytes) {
    double nanos = (double) took.toNanos() / (1 + bytes / UNIT_BYTES);
    lock.lock();
    try {
      latency.add(nanos);
      lastClient = clock.nanos();
      if (lastClient - lastChange >= ADJUST_NANOS) {
        lastChange = lastClient;
        boolean felt = reads.isFelt() || writes.isFelt();
        share = Math.max(LEISURE, felt ? share / 2 : Math.min(1, share + INCREASE));
      }
    } finally {
      lock.unlock();
    }
  }

  /** What a worker does after {@code worked}, if it may always take {@code leastShare} of time. */
  WorkerState after(Duration worked, double leastShare) {
    Duration pause = pause(worked, leastShare);
    return pause.isZero() ? new WorkerState.Busy() : new WorkerState.Throttled(pause);
  }

  Duration pause(Duration worked, double leastShare) {
    lock.lock();
    try {
      if (!(reads.seen || writes.seen) || clock.nanos() - lastClient > QUIET_NANOS) {
        return Duration.ZERO;
      }
      double mine = Math.max(share, leastShare);
      Duration pause = Duration.ofNanos((long) (worked.toNanos() * (1 / mine - 1)));
      return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
    } finally {
      lock.unlock();
    }
  }

  /** How long one kind of operation takes, lately and at best. */
  private static final class Latency {
    private double recentNanos;
    private double bestNanos;
    private boolean seen;

    void add(double nanos) {
      recentNanos = seen ? recentNanos + SMOOTHING * (nanos - recentNanos) : nanos;
      bestNanos = seen ? Math.min(bestNanos * BEST_RISE, recentNanos) : nanos;
      seen = true;
    }

    boolean isFelt() {
      return recentNanos > TOLERANCE * bestNanos;
    }
  }
}
