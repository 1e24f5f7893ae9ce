package garage.common.metrics;

import java.util.concurrent.atomic.LongAdder;

/** A number that only grows. */
public final class Counter {
  private final LongAdder sum = new LongAdder();

  Counter() {}

  public void increment() {
    sum.increment();
  }

  /** Adds {@code amount}, which is not negative. */
  public void add(long amount) {
    sum.add(amount);
  }

  long value() {
    return sum.sum();
  }
}
