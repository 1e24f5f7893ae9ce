package garage.server.it;

import java.util.concurrent.atomic.AtomicInteger;

/** Kills a server when clients have had so many operations acknowledged. */
final class KillSwitch {
  private final AtomicInteger left;
  private final Runnable kill;
  private volatile boolean killed;

  KillSwitch(int operations, Runnable kill) {
    this.left = new AtomicInteger(operations);
    this.kill = kill;
  }

  /** Counts an acknowledged operation. */
  void acknowledged() {
    if (left.decrementAndGet() == 0) {
      killed = true;
      kill.run();
    }
  }

  /** Whether a failure to reach the server is to be expected. */
  boolean killed() {
    return killed;
  }
}
