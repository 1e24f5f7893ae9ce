package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.id.NodeId;
import garage.rpc.wire.Caller;
import garage.rpc.wire.Responder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The state of one other node: where it is, the connections with it, how fast it answers. */
final class Peer {
  final NodeId id;
  private final Gate gate;
  private final ArrayList<Address> addresses = new ArrayList<>();
  private final ArrayDeque<Responder> inbound = new ArrayDeque<>();
  private final Latencies pings = new Latencies();
  private final Map<String, Latencies> calls = new HashMap<>();
  private volatile @Nullable Caller caller;
  private @Nullable String hostname;
  private long lastSeenMillis;
  private boolean dialling;
  private int attempts;
  private long dialAtNanos;
  private long attachedNanos;
  private long detachedNanos;
  private boolean reconnecting;
  private long exchangeAtNanos;
  private int lateInARow;
  private long avoidedUntilNanos;
  private @Nullable String refusal;

  Peer(NodeId id, Clock clock) {
    long nowNanos = clock.nanos();
    this.id = id;
    this.gate = new Gate(clock);
    this.attachedNanos = nowNanos;
    this.detachedNanos = nowNanos;
    this.dialAtNanos = nowNanos;
    this.exchangeAtNanos = nowNanos;
    this.avoidedUntilNanos = nowNanos;
  }

  // --- what is known

  /** The dialled connection, if there is one. */
  @Nullable Caller caller() {
    return caller;
  }

  /**
   * The dialled connection. If it was lost a moment ago, and dialling again has not failed yet,
   * waits for the next one until {@code limit}: a reset connection is no failed node.
   */
  @Nullable Caller awaitCaller(Deadline limit) {
    gate.lock();
    try {
      gate.await(this::hasCallerOrNone, limit);
      return caller;
    } finally {
      gate.unlock();
    }
  }

  /** A connection that has ended is neither: its end is about to be noticed. */
  private boolean hasCallerOrNone() {
    Caller now = caller;
    return now == null ? !reconnecting : !now.isEnded();
  }

  /** Whether the connection was lost a moment ago, and calls wait for the next one. */
  boolean isReconnecting() {
    return locked(() -> reconnecting);
  }

  PeerInfo info() {
    return locked(() ->
        new PeerInfo(
            id,
            addresses.isEmpty() ? null : addresses.getFirst(),
            hostname,
            caller != null,
            lastSeenMillis == 0 ? null : Instant.ofEpochMilli(lastSeenMillis),
            pings.mean()));
  }

  KnownPeer known() {
    return locked(() -> new KnownPeer(id, addresses, lastSeenMillis));
  }

  void heardAt(long wallMillis) {
    update(() -> {
      lastSeenMillis = Math.max(lastSeenMillis, wallMillis);
    });
  }

  void hostname(String name) {
    update(() -> {
      hostname = name;
    });
  }

  /** Puts {@code address} first; answers whether that is news. */
  boolean preferAddress(Address address) {
    return locked(() -> {
      if (!addresses.isEmpty() && addresses.getFirst().equals(address)) {
        return false;
      }
      addresses.remove(address);
      addresses.addFirst(address);
      if (addresses.size() > MeshLimits.ADDRESSES_MAX) {
        addresses.removeLast();
      }
      return true;
    });
  }

  /** Adds what others say, after what this node knows itself; answers whether that is news. */
  boolean addAddress(Address address) {
    return locked(() -> {
      if (addresses.contains(address)) {
        return false;
      }
      if (addresses.size() >= MeshLimits.ADDRESSES_MAX) {
        addresses.removeLast(); // the one that was tried longest without success
      }
      addresses.add(address);
      return true;
    });
  }

  // --- dialling

  /**
   * The addresses to try, if it is time to dial; the caller must then end with {@link #dialled}.
   */
  List<Address> beginDial(long nowNanos) {
    return locked(() -> {
      if (caller != null || dialling || addresses.isEmpty() || nowNanos - dialAtNanos < 0) {
        return List.of();
      }
      dialling = true;
      return List.copyOf(addresses);
    });
  }

  /** A round of dialling is over; {@code wait} is until the next, if it was in vain. */
  void dialled(long nowNanos, Duration wait) {
    update(() -> {
      dialling = false;
      reconnecting = false;
      attempts = caller == null ? attempts + 1 : 0;
      dialAtNanos = nowNanos + wait.toNanos();
    });
  }

  /** Rounds of dialling in vain since the last connection. */
  int attempts() {
    return locked(() -> attempts);
  }

  /** Whether this is not the reason that dialling was refused for before. */
  boolean isNews(String reason) {
    return locked(() -> {
      boolean news = !reason.equals(refusal);
      refusal = reason;
      return news;
    });
  }

  /** There is reason to believe that the peer can be reached now. */
  void dialSoon(long nowNanos) {
    update(() -> {
      attempts = 0;
      dialAtNanos = nowNanos;
    });
  }

  /** Takes a dialled connection, unless there is one. */
  boolean attach(Caller dialled, long nowNanos) {
    return locked(() -> {
      if (caller != null) {
        return false;
      }
      caller = dialled;
      attempts = 0;
      refusal = null;
      attachedNanos = nowNanos;
      reconnecting = false;
      gate.signal();
      return true;
    });
  }

  /** The dialled connection is given up; answers whether it was the one in use. */
  boolean detach(Caller ended, long nowNanos) {
    return locked(() -> {
      if (!ended.equals(caller)) {
        return false;
      }
      caller = null;
      detachedNanos = nowNanos;
      gate.signal();
      return true;
    });
  }

  /**
   * The dialled connection has ended by itself, and the next one is waited for by {@link
   * #awaitCaller}; answers whether it was the one in use.
   */
  boolean lost(Caller ended, long nowNanos) {
    return locked(() -> {
      if (!detach(ended, nowNanos)) {
        return false;
      }
      reconnecting = true;
      attempts = 0;
      dialAtNanos = nowNanos;
      return true;
    });
  }

  /** Since when there is no dialled connection; zero if there is one. */
  Duration awayFor(long nowNanos) {
    return locked(
        () -> caller != null ? Duration.ZERO : Duration.ofNanos(nowNanos - detachedNanos));
  }

  /** Whether the last connection was there for so long that the next may be dialled at once. */
  boolean lasted(Duration time, long nowNanos) {
    return locked(() -> nowNanos - attachedNanos >= time.toNanos());
  }

  // --- being dialled

  /** Takes an accepted connection; answers the old one that is too many. */
  @Nullable Responder accept(Responder accepted) {
    return locked(() -> {
      inbound.add(accepted);
      return inbound.size() > MeshLimits.INBOUND_PER_PEER_MAX ? inbound.remove() : null;
    });
  }

  void ended(Responder accepted) {
    update(() -> {
      inbound.remove(accepted);
    });
  }

  /** The connections accepted, oldest first. */
  List<Responder> inbound() {
    return locked(() -> List.copyOf(inbound));
  }

  /** Whether peer lists may be exchanged again; if so, the next time is counted from now. */
  boolean mayExchange(long nowNanos) {
    return locked(() -> {
      if (nowNanos - exchangeAtNanos < 0) {
        return false;
      }
      exchangeAtNanos = nowNanos + MeshLimits.EXCHANGE_EVERY.toNanos();
      return true;
    });
  }

  // --- latency

  void pinged(Duration latency) {
    update(() -> {
      pings.add(latency);
    });
  }

  void answered(String endpoint, Duration latency) {
    gate.lock();
    try {
      Latencies latencies = calls.get(endpoint);
      if (latencies == null && calls.size() < MeshLimits.LATENCY_ENDPOINTS_MAX) {
        latencies = new Latencies();
        calls.put(endpoint, latencies);
      }
      if (latencies != null) {
        latencies.add(latency);
      }
    } finally {
      gate.unlock();
    }
  }

  /** An answer did not come when it was expected. */
  void late(long nowNanos) {
    update(() -> {
      if (++lateInARow >= MeshLimits.LATE_IN_A_ROW_MAX) {
        avoidedUntilNanos = nowNanos + MeshLimits.AVOIDED.toNanos();
      }
    });
  }

  void inTime() {
    update(() -> {
      lateInARow = 0;
    });
  }

  /** Whether others should be asked first: it was late, or has not been heard of for a while. */
  boolean isAvoided(long nowNanos) {
    Caller connection = caller;
    boolean silent =
        connection != null
            && nowNanos - connection.heardNanos() > MeshLimits.SILENT_AFTER.toNanos();
    return silent || locked(() -> nowNanos - avoidedUntilNanos < 0);
  }

  /** What 95 % of the last calls did not exceed; null if there were too few. */
  @Nullable Duration p95(String endpoint) {
    gate.lock();
    try {
      Latencies latencies = calls.get(endpoint);
      return latencies == null ? null : latencies.p95();
    } finally {
      gate.unlock();
    }
  }

  private void update(Runnable body) {
    gate.update(body);
  }

  private <T extends @Nullable Object> T locked(Supplier<T> body) {
    gate.lock();
    try {
      return body.get();
    } finally {
      gate.unlock();
    }
  }
}
