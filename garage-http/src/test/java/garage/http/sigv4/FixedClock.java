package garage.http.sigv4;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;

/** A clock that stands still, for what only asks the time. */
record FixedClock(Instant instant) implements Clock {
  @Override
  public long wallMillis() {
    return instant.toEpochMilli();
  }

  @Override
  public long nanos() {
    return 0;
  }

  @Override
  public void sleep(Duration duration) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void await(Condition condition, Deadline deadline) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Timer schedule(Duration delay, Runnable action) {
    throw new UnsupportedOperationException();
  }
}
