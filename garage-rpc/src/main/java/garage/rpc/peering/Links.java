package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.wire.Caller;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections this node dials: opened, pinged, given up when silent, opened again. */
final class Links {
  private static final Logger LOG = LoggerFactory.getLogger(Links.class);

  private final Dialler dialler;
  private final PeerTable table;
  private final Gossip gossip;
  private final Discovery discovery;
  private final Clock clock;
  private final Tasks tasks;
  private final RandomSource random;
  private final CopyOnWriteArrayList<PeerListener> listeners = new CopyOnWriteArrayList<>();
  private final AtomicInteger dials = new AtomicInteger();
  private volatile boolean closed;

  Links(
      MeshEnvironment environment,
      PeerTable table,
      Discovery discovery,
      Dialler dialler,
      Gossip gossip) {
    this.dialler = dialler;
    this.table = table;
    this.gossip = gossip;
    this.discovery = discovery;
    this.clock = environment.clock();
    this.tasks = environment.tasks();
    this.random = environment.random();
  }

  void listen(PeerListener listener) {
    listeners.add(listener);
  }

  /** Dials every peer whose time has come. */
  void dialDue() {
    for (Peer peer : table.all()) {
      if (dials.get() >= MeshLimits.DIALS_MAX) {
        return; // the others at the next tick
      }
      dialIfDue(peer);
    }
  }

  private void dialIfDue(Peer peer) {
    List<Address> addresses = peer.beginDial(clock.nanos());
    if (!addresses.isEmpty()) {
      startDial("dial " + peer.id.shortHex(), () -> dialRound(peer, addresses));
    }
  }

  /** Dials the configured addresses that no connected peer has answered at. */
  void discover() {
    found(discovery.round());
  }

  /** Dials those of these addresses that no connected peer has answered at. */
  void found(List<PeerAddress> targets) {
    for (PeerAddress target : targets) {
      NodeId owner = discovery.owner(target.address());
      if (target.id() != null && !table.isSelf(target.id())) {
        Peer peer = table.getOrAdd(target.id());
        if (peer.addAddress(target.address())) {
          peer.dialSoon(clock.nanos());
        }
      } else if (target.id() == null && !isConnected(owner) && dials.get() < MeshLimits.DIALS_MAX) {
        startDial("dial " + target, () -> dialUnknown(target.address()));
      }
    }
  }

  private boolean isConnected(@Nullable NodeId owner) {
    if (owner == null || table.isSelf(owner)) {
      return owner != null;
    }
    Peer peer = table.find(owner);
    return peer != null && peer.caller() != null;
  }

  private void startDial(String name, Runnable dial) {
    dials.incrementAndGet();
    tasks.start(
        name,
        () -> {
          try {
            dial.run();
          } finally {
            dials.decrementAndGet();
          }
        });
  }

  private void dialRound(Peer peer, List<Address> addresses) {
    try {
      dialAll(peer, addresses);
      for (int i = 1; i < MeshLimits.RECONNECT_DIALS_MAX && peer.isReconnecting(); i++) {
        clock.sleep(MeshLimits.RECONNECT_PAUSE);
        dialAll(peer, addresses);
      }
    } finally {
      peer.dialled(clock.nanos(), Dialler.backoff(peer.attempts(), random.nextInt(1000)));
    }
  }

  private void dialAll(Peer peer, List<Address> addresses) {
    for (Address address : addresses) {
      if (peer.caller() == null) {
        tryDial(address, peer.id, peer.attempts() == 0);
      }
    }
  }

  private void dialUnknown(Address address) {
    tryDial(address, null, false);
  }

  private void tryDial(Address address, @Nullable NodeId expected, boolean aloud) {
    try {
      dial(address, expected, Deadline.after(clock, MeshLimits.DIAL_TIME_MAX));
    } catch (GarageException.Denied e) {
      refused(expected, address, String.valueOf(e.getMessage()));
    } catch (GarageException.Unreachable | GarageException.TimedOut | GarageException.Corrupt e) {
      if (aloud) {
        LOG.info("No connection with {} at {}: {}", named(expected), address, e.getMessage());
      } else {
        LOG.debug("No connection with {} at {}: {}", named(expected), address, e.getMessage());
      }
    }
  }

  /** One reason is told once: a node that was replaced is dialled for as long as others know it. */
  private void refused(@Nullable NodeId expected, Address address, String reason) {
    Peer peer = expected == null ? null : table.find(expected);
    if (peer == null || peer.isNews(reason)) {
      LOG.warn("No connection with {} at {}: {}", named(expected), address, reason);
    }
  }

  private static String named(@Nullable NodeId id) {
    return id == null ? "a peer" : id.shortHex();
  }

  /** Opens a connection and takes it into use; answers who is there. */
  NodeId dial(Address address, @Nullable NodeId expected, Deadline deadline) {
    Connection connection = dialler.dial(address, expected, deadline);
    NodeId id = connection.remoteId();
    if (id == null || closed) {
      connection.close();
      throw new GarageException.Unreachable("the mesh is closed");
    }
    discovery.found(address, id);
    if (table.isSelf(id)) {
      connection.close();
    } else {
      attach(table.getOrAdd(id), connection, address);
    }
    return id;
  }

  private void attach(Peer peer, Connection connection, Address address) {
    Caller caller = Caller.start(connection, clock, tasks, ended -> ended(peer, ended));
    if (!peer.attach(caller, clock.nanos())) {
      caller.close();
      return;
    }
    if (closed || (caller.isEnded() && peer.detach(caller, clock.nanos()))) {
      caller.close();
      return;
    }
    peer.preferAddress(address);
    peer.heardAt(clock.wallMillis());
    table.changed();
    LOG.info("Connected to {} at {}", peer.id.shortHex(), address);
    tasks.start("ping " + peer.id.shortHex(), () -> gossip.run(peer, caller));
    listeners.forEach(listener -> tasks.start("peer connected", () -> listener.connected(peer.id)));
  }

  private void ended(Peer peer, Caller caller) {
    if (closed) {
      peer.detach(caller, clock.nanos());
    } else if (peer.lost(caller, clock.nanos())) {
      LOG.info("Lost the connection with {}", peer.id.shortHex());
      if (peer.lasted(MeshLimits.BACKOFF_MIN, clock.nanos())
          && dials.get() < MeshLimits.DIALS_MAX) {
        dialIfDue(peer); // calls wait for it; the others of them at the next tick
      }
      listeners.forEach(listener -> tasks.start("peer lost", () -> listener.lost(peer.id)));
    }
  }

  /** Gives up connections on which nothing was heard since {@code nanos}. */
  void closeSilentSince(long nanos) {
    for (Peer peer : table.all()) {
      Caller caller = peer.caller();
      if (caller != null && caller.heardNanos() - nanos < 0 && peer.detach(caller, clock.nanos())) {
        LOG.warn("{} does not answer and counts as failed", peer.id.shortHex());
        caller.close();
        peer.dialSoon(clock.nanos());
        listeners.forEach(listener -> tasks.start("peer lost", () -> listener.lost(peer.id)));
      }
    }
  }

  /** Ends all connections and opens no more. */
  void close() {
    closed = true;
    for (Peer peer : table.all()) {
      Caller caller = peer.caller();
      if (caller != null) {
        caller.close();
      }
    }
  }
}
