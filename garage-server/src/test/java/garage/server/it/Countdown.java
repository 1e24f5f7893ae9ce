package garage.server.it;

import java.util.concurrent.atomic.AtomicInteger;

/** Does something at the n-th call, in the thread that makes it. */
final class Countdown {
  private final AtomicInteger left;
  private final Runnable action;

  Countdown(int calls, Runnable action) {
    this.left = new AtomicInteger(calls);
    this.action = action;
  }

  void count() {
    if (left.decrementAndGet() == 0) {
      action.run();
    }
  }
}
