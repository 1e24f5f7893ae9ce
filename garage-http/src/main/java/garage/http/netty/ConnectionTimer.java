package garage.http.netty;

import garage.common.env.Clock;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection's one deadline, on its event loop. Moving it later, as every request does, costs no
 * timer: the one that is set looks again when it fires.
 */
final class ConnectionTimer {
  private final Clock clock;
  private final EventLoop loop;
  private final Runnable expired;
  private @Nullable Future<?> armed;
  private long armedFor;
  private boolean set;
  private long deadline;

  ConnectionTimer(Clock clock, EventLoop loop, Runnable expired) {
    this.clock = clock;
    this.loop = loop;
    this.expired = expired;
  }

  void set(Duration delay) {
    set = true;
    deadline = clock.nanos() + delay.toNanos();
    if (armed == null || deadline - armedFor < 0) {
      arm();
    }
  }

  void clear() {
    set = false;
  }

  /** Ends all use. */
  void cancel() {
    set = false;
    Future<?> pending = armed;
    armed = null;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  private void arm() {
    boolean wasSet = set;
    cancel();
    set = wasSet;
    armedFor = deadline;
    armed = loop.schedule(this::fired, Math.max(0, deadline - clock.nanos()), TimeUnit.NANOSECONDS);
  }

  private void fired() {
    armed = null;
    if (!set) {
      return;
    }
    if (deadline - clock.nanos() > 0) {
      arm();
    } else {
      set = false;
      expired.run();
    }
  }
}
