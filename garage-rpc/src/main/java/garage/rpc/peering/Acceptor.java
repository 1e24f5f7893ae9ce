package garage.rpc.peering;

import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.handshake.Handshake;
import garage.rpc.wire.CreditPool;
import garage.rpc.wire.Responder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Admits those who dial this node, and serves them. */
final class Acceptor {
  /** Between two lines on refused connections: a stranger must not fill the log. */
  private static final long LOG_EVERY_NANOS = 1_000_000_000L;

  private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

  private final Handshake handshake;
  private final PeerTable table;
  private final Services services;
  private final Clock clock;
  private final Tasks tasks;
  private final CreditPool credit = new CreditPool();
  private final AtomicInteger handshakes = new AtomicInteger();
  private final AtomicLong logAtNanos;
  private final CopyOnWriteArrayList<Responder> operators = new CopyOnWriteArrayList<>();

  Acceptor(Handshake handshake, PeerTable table, Services services, Clock clock, Tasks tasks) {
    this.handshake = handshake;
    this.table = table;
    this.services = services;
    this.clock = clock;
    this.tasks = tasks;
    this.logAtNanos = new AtomicLong(clock.nanos());
  }

  /** Serves one connection until it ends. */
  void accept(Connection connection) {
    try {
      if (!admit(connection)) {
        return;
      }
      Responder responder = new Responder(connection, services, clock, tasks, credit);
      NodeId id = connection.remoteId();
      if (id == null) {
        serveOperator(responder);
      } else if (!table.isSelf(id)) { // a name that stands for all nodes leads here too
        servePeer(table.getOrAdd(id), responder);
      }
    } catch (GarageException.Overloaded e) {
      refused(connection, e.getMessage());
    } finally {
      connection.close();
    }
  }

  private boolean admit(Connection connection) {
    try {
      if (handshakes.incrementAndGet() > MeshLimits.HANDSHAKES_MAX) {
        refused(connection, "too many at once");
        return false;
      }
      handshake.accept(connection);
      return true;
    } catch (GarageException.Denied | GarageException.Corrupt | GarageException.Unreachable e) {
      refused(connection, e.getMessage());
      return false;
    } finally {
      handshakes.decrementAndGet();
    }
  }

  private void refused(Connection connection, @Nullable String reason) {
    long at = logAtNanos.get();
    long now = clock.nanos();
    if (now - at >= 0 && logAtNanos.compareAndSet(at, now + LOG_EVERY_NANOS)) {
      NodeId id = connection.remoteId();
      LOG.warn(
          "Refused the connection of {} from {}: {}",
          id == null ? "a command line" : id.shortHex(),
          connection.remoteAddress(),
          reason);
    }
  }

  private void serveOperator(Responder responder) {
    if (operators.size() >= MeshLimits.OPERATORS_MAX) {
      throw new GarageException.Overloaded("too many command lines");
    }
    operators.add(responder);
    try {
      responder.run();
    } finally {
      operators.remove(responder);
    }
  }

  private void servePeer(Peer peer, Responder responder) {
    Responder old = peer.accept(responder);
    if (old != null) {
      old.close();
    }
    peer.heardAt(clock.wallMillis());
    table.changed();
    if (peer.caller() == null) {
      peer.dialSoon(clock.nanos());
    }
    try {
      responder.run();
    } finally {
      peer.ended(responder);
    }
  }

  /** Closes connections that have been silent for too long. */
  void closeSilent() {
    long now = clock.nanos();
    for (Peer peer : table.all()) {
      for (Responder responder : peer.inbound()) {
        closeSilent(responder, now, MeshLimits.INBOUND_SILENCE_MAX.toNanos());
      }
    }
    for (Responder responder : operators) {
      closeSilent(responder, now, MeshLimits.OPERATOR_SILENCE_MAX.toNanos());
    }
  }

  private static void closeSilent(Responder responder, long now, long silenceMax) {
    if (now - responder.heardNanos() > silenceMax) {
      LOG.info("Closing the silent connection from {}", responder.connection().remoteAddress());
      responder.close();
    }
  }

  /** Ends all connections. */
  void close() {
    List<Responder> all = new ArrayList<>(operators);
    table.all().forEach(peer -> all.addAll(peer.inbound()));
    all.forEach(Responder::close);
  }
}
