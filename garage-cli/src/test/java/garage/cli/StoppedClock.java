package garage.cli;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;

/** A clock for commands, which only ask for the date. */
record StoppedClock(Instant at) implements Clock {
  @Override
  public long wallMillis() {
    return at.toEpochMilli();
  }

  @Override
  public long nanos() {
    throw new UnsupportedOperationException();
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
