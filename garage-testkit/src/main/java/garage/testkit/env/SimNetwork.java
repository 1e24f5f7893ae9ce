package garage.testkit.env;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.env.Network;
import garage.common.error.GarageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What connects the nodes of a simulation, and how it fails.
 *
 * <p><b>Streams.</b> A connection behaves as TCP does: frames arrive whole, once and in order, or
 * the connection ends. What can happen to it is delay, stalls, back-pressure of a bounded buffer,
 * resets, and blocked ways. Loss, duplication and reordering of frames exist only where {@link
 * LinkFaults.FrameFaults} asks for them, for protocols made to bear them.
 *
 * <p><b>Blocked ways.</b> {@link #block} stops one direction between two nodes. Nothing is lost:
 * what is sent waits, and goes on after {@link #heal}, as retransmission makes it. If that takes
 * longer than {@link #giveUpAfter} the sender's kernel resets its end; the other end, which cannot
 * be told, stays half open until it sends something itself. Connecting over a blocked way, or to a
 * machine without power or a frozen process, waits for the deadline.
 *
 * <p><b>Ends of processes.</b> A kill closes connections as the kernel does. A loss of power says
 * nothing: peers wait, and are reset when they send to the machine after it is up again.
 */
public final class SimNetwork {
  /** As long as Linux retransmits by default. */
  private static final Duration GIVE_UP_AFTER = Duration.ofMinutes(15);

  /** As long as Linux tries to connect by default. */
  private static final Duration CONNECT_MAX = Duration.ofSeconds(130);

  private static final int EPHEMERAL_PORT = 32_768;

  private final Scheduler scheduler;
  private final SeededRandom random;
  private final List<SimNode> nodes = new ArrayList<>();
  private final Map<String, List<SimNode>> hosts = new HashMap<>();
  private final Map<Port, SimListener> listeners = new HashMap<>();
  private final Map<Way, LinkFaults> faults = new HashMap<>();
  private final Set<Way> blocked = new HashSet<>();
  private final Set<SimConnection> connections = new LinkedHashSet<>();
  private final WaitQueue connecting = new WaitQueue();
  private LinkFaults everywhere = LinkFaults.NONE;
  private long giveUpAfterNanos = GIVE_UP_AFTER.toNanos();
  private int portsGiven;

  private record Way(String from, String to) {}

  private record Port(String node, int number) {}

  private record SimListener(
      SimNetwork net, SimConnection.Party party, Address address, Consumer<Connection> accept)
      implements Network.Listener {
    @Override
    public void close() {
      net.listeners.remove(port(), this);
    }

    Port port() {
      return new Port(party.node().name(), address.port());
    }
  }

  SimNetwork(Scheduler scheduler, SeededRandom random) {
    this.scheduler = scheduler;
    this.random = random;
  }

  // --- faults

  /** How all links behave that were not given their own. */
  public void faults(LinkFaults all) {
    everywhere = all;
  }

  /** How the link from one node to another behaves. */
  public void faults(SimNode from, SimNode to, LinkFaults link) {
    faults.put(way(from, to), link);
  }

  /** Blocks one direction. */
  public void block(SimNode from, SimNode to) {
    scheduler.trace("block", way(from, to).toString());
    blocked.add(way(from, to));
  }

  /** Blocks both directions between every node of {@code side} and every one of {@code other}. */
  public void partition(Collection<SimNode> side, Collection<SimNode> other) {
    for (SimNode a : side) {
      for (SimNode b : other) {
        block(a, b);
        block(b, a);
      }
    }
  }

  /** Blocks both directions between a node and all others there are by now. */
  public void isolate(SimNode node) {
    partition(List.of(node), nodes.stream().filter(other -> !other.equals(node)).toList());
  }

  /** Blocks one direction for a while. */
  public void clog(SimNode from, SimNode to, Duration time) {
    block(from, to);
    scheduler.after(time.toNanos(), () -> heal(from, to));
  }

  /** Opens one direction. */
  public void heal(SimNode from, SimNode to) {
    scheduler.trace("heal", way(from, to).toString());
    blocked.remove(way(from, to));
    changed();
  }

  /** Opens everything. */
  public void heal() {
    scheduler.trace("heal", "all");
    blocked.clear();
    changed();
  }

  /** Resets all connections between two nodes. */
  public void reset(SimNode one, SimNode other) {
    for (SimConnection connection : List.copyOf(connections)) {
      if (connection.host() == one && connection.remoteHost() == other) {
        connection.reset();
      }
    }
  }

  /** How long a kernel tries to get something across before it resets its end. */
  public void giveUpAfter(Duration time) {
    giveUpAfterNanos = time.toNanos();
  }

  /** What a name stands for from now on; none makes it unknown. */
  public void dns(String name, SimNode... nodes) {
    hosts.put(name, List.of(nodes));
  }

  // --- names

  void add(SimNode node) {
    nodes.add(node);
    dns(node.name(), node);
    dns(node.ip(), node);
  }

  List<SimNode> lookUp(SimNode asking, String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1")
        ? List.of(asking)
        : hosts.getOrDefault(host, List.of());
  }

  boolean isLocal(SimNode node, String host) {
    return host.equals("0.0.0.0") || host.equals("::") || lookUp(node, host).contains(node);
  }

  static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
  }

  // --- connections

  Network.Listener listen(
      SimConnection.Party party, Address address, Consumer<Connection> onConnection) {
    int number = address.port() == 0 ? EPHEMERAL_PORT + portsGiven++ : address.port();
    SimListener listener =
        new SimListener(this, party, new Address(address.host(), number), onConnection);
    if (listeners.putIfAbsent(listener.port(), listener) != null) {
      throw new GarageException.Unreachable(listener.address() + " is in use");
    }
    scheduler.trace("listen", party.node().name() + " " + number);
    return listener;
  }

  Connection connect(SimConnection.Party client, SimNode target, int port, long deadline) {
    long end = Math.min(deadline, scheduler.time() + CONNECT_MAX.toNanos());
    do {
      if (!scheduler.await(connecting, () -> canReach(client.node(), target), end)
          || !roundTrips(client, target, end)) {
        throw end == deadline
            ? new GarageException.TimedOut("no connection to " + target.name() + " in time")
            : new GarageException.Unreachable("no connection to " + target.name());
      }
    } while (!canReach(client.node(), target));
    client.process().enter();
    SimListener listener = listeners.get(new Port(target.name(), port));
    if (listener == null || random.chance(faultsBetween(client.node(), target).refusals())) {
      throw new GarageException.Unreachable(target.name() + ":" + port + " refused a connection");
    }
    return establish(client, listener);
  }

  private boolean canReach(SimNode from, SimNode to) {
    return isOpen(from, to) && isOpen(to, from) && !to.isFrozen();
  }

  /** Lets pass what the handshakes of transport and encryption take; false at {@code end}. */
  private boolean roundTrips(SimConnection.Party client, SimNode target, long end) {
    LinkFaults there = faultsBetween(client.node(), target);
    LinkFaults back = faultsBetween(target, client.node());
    long until = scheduler.time() + delay(there) + delay(back) + delay(there) + delay(back);
    scheduler.await(new WaitQueue(), () -> false, Math.min(until, end));
    return until <= end;
  }

  private Connection establish(SimConnection.Party client, SimListener listener) {
    SimConnection.Party server = listener.party();
    Address serverAddress = new Address(server.node().ip(), listener.address().port());
    Address clientAddress = new Address(client.node().ip(), EPHEMERAL_PORT + portsGiven++);
    SimConnection near = new SimConnection(this, client, server, serverAddress);
    SimConnection far = new SimConnection(this, server, client, clientAddress);
    near.join(far);
    far.join(near);
    connections.add(near);
    connections.add(far);
    trace("connect", near, 0);
    server.process().start("accept", () -> listener.accept().accept(far));
    return near;
  }

  /** A process has ended; its machine tells the peers if {@code telling}. */
  void gone(SimNode node, Incarnation process, boolean telling) {
    listeners.values().removeIf(listener -> listener.party().process() == process);
    for (SimConnection connection : List.copyOf(connections)) {
      if (connection.process() == process) {
        if (telling) {
          connection.leave(random.chance(0.5));
        } else {
          connection.vanish();
        }
      }
    }
    scheduler.trace("gone", node.name());
  }

  void forget(SimConnection connection) {
    connections.remove(connection);
  }

  /** Blocks, machines or processes have changed. */
  void changed() {
    connecting.wakeAll();
    List.copyOf(connections).forEach(SimConnection::changed);
  }

  /** Whether a packet gets from one node to the other. */
  boolean isOpen(SimNode from, SimNode to) {
    return from == to || (!blocked.contains(way(from, to)) && from.isPowered() && to.isPowered());
  }

  LinkFaults faultsBetween(SimNode from, SimNode to) {
    return faults.getOrDefault(way(from, to), everywhere);
  }

  long delay(LinkFaults link) {
    long delay = random.between(link.delay().min().toNanos(), link.delay().max().toNanos());
    return random.chance(link.stalls().probability())
        ? delay + random.between(0, link.stalls().max().toNanos())
        : delay;
  }

  private static Way way(SimNode from, SimNode to) {
    return new Way(from.name(), to.name());
  }

  long giveUpAfterNanos() {
    return giveUpAfterNanos;
  }

  SeededRandom random() {
    return random;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  void trace(String what, SimConnection end, int bytes) {
    scheduler.trace(what, end.label() + bytes);
  }
}
