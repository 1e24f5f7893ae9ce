package garage.rpc.peering;

import garage.common.id.NodeId;
import garage.rpc.Endpoint;
import garage.rpc.Preference;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * This node, then connected nodes of its zone, then the other connected ones, near before far;
 * after them those that were late several times in a row or miss pings, and last those that are
 * away.
 */
public final class NearestFirst implements Preference {
  /** Hedging earlier than this only doubles the load. */
  static final Duration HEDGE_MIN = Duration.ofMillis(5);

  /** A client should not wait longer for a replica that used to be slow. */
  static final Duration HEDGE_MAX = Duration.ofSeconds(1);

  /** Added to some round trips while there is no experience. */
  private static final Duration HEDGE_UNKNOWN = Duration.ofMillis(50);

  private static final Duration LATENCY_UNKNOWN = Duration.ofSeconds(10);

  private final Mesh mesh;
  private final Function<NodeId, Optional<String>> zones;

  /** {@code zones} says the zone of a node now, by the layout. */
  public NearestFirst(Mesh mesh, Function<NodeId, Optional<String>> zones) {
    this.mesh = mesh;
    this.zones = zones;
  }

  @Override
  public List<NodeId> order(Collection<NodeId> nodes) {
    Optional<String> here = zones.apply(mesh.self());
    record Ranked(NodeId id, int rank, Duration latency) {}
    return nodes.stream()
        .map(id -> new Ranked(id, rank(id, here), latency(id)))
        .sorted(
            Comparator.comparingInt(Ranked::rank)
                .thenComparing(Ranked::latency)
                .thenComparing(Ranked::id))
        .map(Ranked::id)
        .toList();
  }

  @Override
  public Duration hedgeAfter(NodeId node, Endpoint<?, ?> endpoint) {
    Duration p95 = mesh.p95(node, endpoint);
    if (p95 == null) {
      Duration ping = latency(node);
      p95 = ping.equals(LATENCY_UNKNOWN) ? HEDGE_UNKNOWN : HEDGE_UNKNOWN.plus(ping.multipliedBy(3));
    }
    return p95.compareTo(HEDGE_MIN) < 0
        ? HEDGE_MIN
        : p95.compareTo(HEDGE_MAX) > 0 ? HEDGE_MAX : p95;
  }

  @Override
  public void late(NodeId node, Endpoint<?, ?> endpoint) {
    mesh.late(node, endpoint);
  }

  @Override
  public void inTime(NodeId node) {
    mesh.inTime(node);
  }

  private int rank(NodeId id, Optional<String> here) {
    if (!mesh.isUp(id)) {
      return 4;
    }
    if (mesh.isAvoided(id)) {
      return 3;
    }
    boolean sameZone = here.isPresent() && here.equals(zones.apply(id));
    return id.equals(mesh.self()) ? 0 : sameZone ? 1 : 2;
  }

  private Duration latency(NodeId id) {
    PeerInfo info = mesh.peer(id);
    Duration latency = info == null ? null : info.latency();
    return latency == null ? LATENCY_UNKNOWN : latency;
  }
}
