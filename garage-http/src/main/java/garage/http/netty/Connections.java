package garage.http.netty;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A server's open connections, and the limit on their number. */
final class Connections {
  /** How long a connection must have been idle before it makes room for another. */
  private static final long IDLE_NANOS_MIN = 1_000_000_000L;

  private final Clock clock;
  private final Gate gate;
  private final int connectionsMax;
  private final Set<ConnectionHandler> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean closing;

  Connections(Clock clock, int connectionsMax) {
    this.clock = clock;
    this.gate = new Gate(clock);
    this.connectionsMax = connectionsMax;
  }

  /** Counts a new connection; answers whether it may be served. */
  boolean admit(ConnectionHandler connection) {
    open.add(connection);
    return count.incrementAndGet() <= connectionsMax || evictIdle();
  }

  void remove(ConnectionHandler connection) {
    if (open.remove(connection) && count.decrementAndGet() == 0 && closing) {
      gate.update(() -> {});
    }
  }

  int count() {
    return count.get();
  }

  boolean isClosing() {
    return closing;
  }

  /** Lets no connection begin another request, and closes the idle ones. */
  void beginClosing() {
    closing = true;
    open.forEach(ConnectionHandler::closeIfIdle);
  }

  /** Waits until all are closed; answers whether they are. */
  boolean awaitClosed(Deadline deadline) {
    gate.lock();
    try {
      return gate.await(() -> count.get() == 0, deadline);
    } finally {
      gate.unlock();
    }
  }

  void closeAll() {
    open.forEach(ConnectionHandler::closeNow);
  }

  /** Closes a connection that waits for a request, so that idling clients keep nobody out. */
  private boolean evictIdle() {
    for (ConnectionHandler connection : open) {
      if (connection.isIdleFor(clock.nanos(), IDLE_NANOS_MIN)) {
        connection.closeIfIdle();
        return true;
      }
    }
    return false;
  }
}
