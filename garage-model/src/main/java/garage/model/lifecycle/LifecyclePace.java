package garage.model.lifecycle;

import garage.common.worker.Pace;
import java.time.Duration;

/**
 * How long to rest after work, so that clients do not feel it: those of this node say so by what
 * their operations take, and those of other nodes by what the deletions take, which wait in the
 * same queues. When a deletion takes half as long again as at best, others are there, and the share
 * of time taken falls by half; otherwise it grows slowly (additive increase, multiplicative
 * decrease, as in TCP; the best time rises slowly, so that it forgets another load's). Used by one
 * task.
 */
final class LifecyclePace {
  /** Of looking, which others cannot be told from: a tenth of one processor. */
  private static final double LOOKING_SHARE = 0.1;

  /** By sixteen at once that is some hundred thousand deletions an hour at the worst. */
  private static final double SHARE_MIN = 0.05;

  private static final double SHARE_MAX = 0.5;
  private static final double SHARE_FIRST = 0.1;
  private static final double INCREASE = 0.01;
  private static final double TOLERANCE = 1.5;
  private static final double SMOOTHING = 0.125;
  private static final double BEST_RISE = 1.001;

  /** After work that took longer than it should. */
  private static final Duration PAUSE_MAX = Duration.ofSeconds(2);

  private final Pace clients;
  private double share = SHARE_FIRST;
  private double recentNanos;
  private double bestNanos;

  LifecyclePace(Pace clients) {
    this.clients = clients;
  }

  Duration afterLooking(Duration worked) {
    return rest(worked, LOOKING_SHARE);
  }

  Duration afterDeleting(Duration worked) {
    double nanos = worked.toNanos();
    boolean first = bestNanos == 0;
    recentNanos = first ? nanos : recentNanos + SMOOTHING * (nanos - recentNanos);
    bestNanos = first ? nanos : Math.min(bestNanos * BEST_RISE, recentNanos);
    boolean felt = recentNanos > TOLERANCE * bestNanos;
    share = felt ? Math.max(SHARE_MIN, share / 2) : Math.min(SHARE_MAX, share + INCREASE);
    return rest(worked, share);
  }

  private Duration rest(Duration worked, double share) {
    Duration own = Duration.ofNanos((long) (worked.toNanos() * (1 / share - 1)));
    Duration pause = own.compareTo(PAUSE_MAX) < 0 ? own : PAUSE_MAX;
    Duration asked = clients.pause(worked, Pace.Hurry.DAILY);
    return pause.compareTo(asked) > 0 ? pause : asked;
  }
}
