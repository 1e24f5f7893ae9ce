package garage.common.time;

import garage.common.env.Clock;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A node's hybrid logical clock. It follows the wall clock while that moves forward, counts when it
 * does not, and is moved above every timestamp a message brings, so that what was seen before a
 * write is always ordered before it. A timestamp further ahead of the wall than {@code aheadMax} is
 * refused: otherwise one broken clock would drag the whole cluster into the future.
 */
public final class HybridClock {
  /** How far ahead of this node's wall clock a peer's timestamp may be. */
  public static final Duration AHEAD_MAX = Duration.ofSeconds(10);

  private final Clock clock;
  private final long node;
  private final int boot;
  private final AtomicLong last = new AtomicLong();

  /** {@code boot} counts the node's starts, durably, so that no timestamp is ever repeated. */
  public HybridClock(Clock clock, NodeId node, int boot) {
    this.clock = clock;
    this.node = node.value().first();
    this.boot = boot;
  }

  /** A timestamp above every one given or observed before. */
  public Timestamp now() {
    long wall = clock.wallMillis() << Timestamp.COUNTER_BITS;
    return new Timestamp(last.updateAndGet(l -> Math.max(l + 1, wall)), node, boot);
  }

  /**
   * Moves this clock above {@code seen}.
   *
   * @throws GarageException.Conflict if it is further ahead of the wall than {@link #AHEAD_MAX};
   *     nothing is changed then
   */
  public void observe(Timestamp seen) {
    if (isAhead(seen) && seen.ticks() > last.get()) {
      throw new GarageException.Conflict(
          "a timestamp is %d ms ahead of this node's clock"
              .formatted(seen.millis() - clock.wallMillis()));
    }
    last.accumulateAndGet(seen.ticks(), Math::max);
  }

  /** Whether it is further ahead of the wall than {@link #AHEAD_MAX}. */
  public boolean isAhead(Timestamp seen) {
    long bound = (clock.wallMillis() + AHEAD_MAX.toMillis()) << Timestamp.COUNTER_BITS;
    return seen.ticks() > bound;
  }
}
