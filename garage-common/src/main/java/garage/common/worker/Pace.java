package garage.common.worker;

import garage.common.env.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Slows work in the background down as far as clients feel it, so that there is nothing to tune.
 * The share of time that background work may take falls by half whenever some kind of operation of
 * clients takes half as long again as it usually does at its best, and grows slowly otherwise
 * (additive increase, multiplicative decrease, as in TCP). Without clients it works without pause.
 *
 * <p>Times are averaged over intervals, so that neither their number nor a single late one counts.
 * The best follows the averages down at once and up slowly, so that it forgets another disk's or
 * load's in about a minute. One serves all of a node's background work; safe for any number of
 * tasks.
 */
public final class Pace {
  /** How much of the time a kind of background work takes beside clients. */
  public enum Hurry {
    /** Repair matters more than a client's comfort. */
    REPAIR(0.25, 1),

    /** A look over everything has weeks. */
    LEISURE(0.02, 1),

    /** What has a day, and goes through the same queues as clients' writes. */
    DAILY(0.01, 0.04);

    private final double leastShare;
    private final double mostShare;

    Hurry(double leastShare, double mostShare) {
      this.leastShare = leastShare;
      this.mostShare = mostShare;
    }
  }

  /** What clients do: each kind takes its own time. */
  public enum Work {
    BLOCK_READ,
    BLOCK_WRITE,
    ROW_READ,
    ROW_WRITE
  }

  /** Without an operation of a client for so long there are none. */
  private static final long QUIET_NANOS = 1_000_000_000L;

  /** How often the share changes. */
  private static final long INTERVAL_NANOS = 200_000_000L;

  /** Operations are compared by what so many bytes take. */
  private static final int UNIT_BYTES = 64 << 10;

  private static final double SHARE_FIRST = 0.5;
  private static final double SHARE_MIN = 0.01;
  private static final double INCREASE = 0.05;
  private static final double TOLERANCE = 1.5;
  private static final Duration PAUSE_MAX = Duration.ofSeconds(2);

  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Work, Latency> latencies = new EnumMap<>(Work.class);
  private double share = SHARE_FIRST;
  private boolean clientSeen;
  private long lastClient;
  private long intervalBegin;

  /** A pace of which nothing is known yet. */
  public Pace(Clock clock) {
    this.clock = clock;
    this.intervalBegin = clock.nanos();
  }

  /** An operation of a client on {@code bytes} took so long. */
  public void client(Work work, Duration took, int bytes) {
    double nanos = (double) took.toNanos() / (1 + bytes / UNIT_BYTES);
    lock.lock();
    try {
      latencies.computeIfAbsent(work, _ -> new Latency()).add(nanos);
      clientSeen = true;
      lastClient = clock.nanos();
      if (lastClient - intervalBegin >= INTERVAL_NANOS) {
        intervalBegin = lastClient;
        adjust();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Does what a client asked for, and takes note of how long that took, failed or not. */
  public <T> T client(Work work, Supplier<T> operation) {
    long begin = clock.nanos();
    try {
      return operation.get();
    } finally {
      client(work, Duration.ofNanos(clock.nanos() - begin), 0);
    }
  }

  private void adjust() {
    boolean felt = false;
    for (Latency latency : latencies.values()) {
      felt |= latency.isFeltNow();
    }
    share = felt ? Math.max(SHARE_MIN, share / 2) : Math.min(1, share + INCREASE);
  }

  /** What a worker does after {@code worked}. */
  public WorkerState after(Duration worked, Hurry hurry) {
    Duration pause = pause(worked, hurry);
    return pause.isZero() ? new WorkerState.Busy() : new WorkerState.Throttled(pause);
  }

  /** How long a worker rests after {@code worked}. */
  public Duration pause(Duration worked, Hurry hurry) {
    lock.lock();
    try {
      if (!clientSeen || clock.nanos() - lastClient > QUIET_NANOS) {
        return Duration.ZERO;
      }
      double mine = Math.clamp(share, hurry.leastShare, hurry.mostShare);
      Duration pause = Duration.ofNanos((long) (worked.toNanos() * (1 / mine - 1)));
      return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
    } finally {
      lock.unlock();
    }
  }

  /** How long one kind of operation takes, lately and at best. */
  private static final class Latency {
    private static final double SMOOTHING = 0.25;
    private static final double BEST_FALL = 0.125;

    /** In a minute without better times the best is twice what it was. */
    private static final double BEST_RISE = 1.0025;

    private double sumNanos;
    private long count;
    private double recentNanos;
    private double bestNanos;

    void add(double nanos) {
      sumNanos += nanos;
      count++;
    }

    /** Ends an interval; answers whether what was done in it took too long. */
    boolean isFeltNow() {
      if (count == 0) {
        return false;
      }
      double mean = sumNanos / count;
      sumNanos = 0;
      count = 0;
      if (recentNanos == 0) {
        recentNanos = mean;
        bestNanos = mean;
      }
      recentNanos += SMOOTHING * (mean - recentNanos);
      bestNanos =
          recentNanos < bestNanos
              ? bestNanos + BEST_FALL * (recentNanos - bestNanos)
              : Math.min(recentNanos, bestNanos * BEST_RISE);
      return recentNanos > TOLERANCE * bestNanos;
    }
  }
}
