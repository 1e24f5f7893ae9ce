package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.wire.Caller;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What peers tell each other in pings: where they are, and whom they know. */
final class Gossip {
  /** Lists are exchanged after so many pings even if the same nodes are known: addresses change. */
  private static final int PINGS_PER_EXCHANGE = 60;

  private static final Logger LOG = LoggerFactory.getLogger(Gossip.class);

  private final RpcSettings settings;
  private final PeerTable table;
  private final Clock clock;
  private final IntSupplier port;
  private volatile @Nullable String seenAt; // the host this node's connections come from

  /** {@code port} is where this node listens. */
  Gossip(RpcSettings settings, PeerTable table, Clock clock, IntSupplier port) {
    this.settings = settings;
    this.table = table;
    this.clock = clock;
    this.port = port;
  }

  /** Pings {@code peer} until the connection ends. */
  void run(Peer peer, Caller caller) {
    for (int count = 1; !caller.isEnded(); count++) {
      try {
        ping(peer, caller, count);
      } catch (GarageException.Cancelled e) {
        throw e;
      } catch (GarageException e) {
        LOG.debug("Ping of {}: {}", peer.id.shortHex(), e.getMessage());
      }
      clock.sleep(MeshLimits.PING_EVERY);
    }
  }

  private void ping(Peer peer, Caller caller, int count) {
    long sent = clock.nanos();
    Ping theirs = call(caller, Ping.ENDPOINT, mine(peer));
    seenAt = theirs.seenAt().isEmpty() ? seenAt : theirs.seenAt();
    peer.pinged(Duration.ofNanos(clock.nanos() - sent));
    peer.hostname(theirs.hostname());
    peer.heardAt(clock.wallMillis());
    boolean differ = !theirs.peers().equals(table.digest(clock.wallMillis()));
    if ((differ || count % PINGS_PER_EXCHANGE == 0) && peer.mayExchange(clock.nanos())) {
      merge(call(caller, Ping.EXCHANGE, table.told(clock.wallMillis())));
    }
  }

  private <Q, R> R call(Caller caller, Endpoint<Q, R> endpoint, Q request) {
    Deadline deadline = Deadline.after(clock, settings.suspectAfter());
    CallOptions options = new CallOptions(Priority.URGENT, deadline);
    return TypedCall.make(caller, endpoint, Payload.of(request), options).value();
  }

  /** Where peers reach this node: as configured, or as they see it; null if there were none. */
  @Nullable Address reachedAt() {
    Address address = settings.publicAddress();
    String seen = seenAt;
    return address != null || seen == null ? address : new Address(seen, port.getAsInt());
  }

  /** What this node says of itself, to {@code peer}. */
  private Ping mine(@Nullable Peer peer) {
    Address address = settings.publicAddress();
    String from = peer == null ? null : connectsFrom(peer);
    return new Ping(
        address == null ? "" : address.host(),
        address == null ? port.getAsInt() : address.port(),
        settings.hostname(),
        table.digest(clock.wallMillis()),
        from == null ? "" : from);
  }

  /** Answers a ping. */
  Ping pinged(@Nullable NodeId from, Ping ping) {
    Peer peer = from == null ? null : table.find(from);
    if (peer != null) {
      peer.hostname(ping.hostname());
      peer.heardAt(clock.wallMillis());
      Address address = addressOf(peer, ping);
      if (address != null && peer.preferAddress(address)) {
        peer.dialSoon(clock.nanos());
        table.changed();
      }
    }
    return mine(peer);
  }

  private static @Nullable Address addressOf(Peer peer, Ping ping) {
    if (ping.port() == 0) {
      return null;
    }
    if (!ping.host().isEmpty()) {
      return new Address(ping.host(), ping.port());
    }
    String from = connectsFrom(peer);
    return from == null ? null : new Address(from, ping.port());
  }

  /** The host a peer's connections come from; null if it has none. */
  private static @Nullable String connectsFrom(Peer peer) {
    var inbound = peer.inbound();
    return inbound.isEmpty() ? null : inbound.getLast().connection().remoteAddress().host();
  }

  /** Takes in another node's peers and answers with this node's. */
  List<KnownPeer> exchanged(List<KnownPeer> theirs) {
    merge(theirs);
    return table.told(clock.wallMillis());
  }

  private void merge(List<KnownPeer> theirs) {
    table.merge(theirs, clock.wallMillis(), clock.nanos());
  }
}
