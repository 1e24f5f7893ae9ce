package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminResponse;
import garage.admin.api.ClusterRequest;
import garage.admin.api.ClusterResponse;
import garage.admin.api.NodeAnswers;
import garage.admin.api.NodeRequest;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.layout.ConsistencyMode;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.rpc.membership.NodeStatus;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Requests about the nodes. */
public final class ClusterOperations {
  /** For all connections of one request together with the rest of it. */
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

  /** More than a node needs, which may have to sum up its tables: an operator is waiting. */
  private static final Duration NODE_MAX = Duration.ofSeconds(10);

  private final ClusterNodes nodes;
  private final LayoutControl layout;
  private final NodeCalls calls;
  private final ConsistencyMode consistency;
  private final Clock clock;

  public ClusterOperations(
      ClusterNodes nodes,
      LayoutControl layout,
      NodeCalls calls,
      ConsistencyMode consistency,
      Clock clock) {
    this.nodes = nodes;
    this.layout = layout;
    this.calls = calls;
    this.consistency = consistency;
    this.clock = clock;
  }

  AdminResponse handle(ClusterRequest<?> request, Deadline deadline) {
    return switch (request) {
      case ClusterRequest.GetClusterStatus() -> status();
      case ClusterRequest.GetClusterHealth() -> health();
      case ClusterRequest.GetClusterStatistics() ->
          new ClusterResponse.Statistics(
              new ClusterStatistics(layout.history().current(), nodes::status).text());
      case ClusterRequest.ConnectClusterNodes(List<String> peers) -> connect(peers, deadline);
    };
  }

  <T extends Record> NodeAnswers<T> handle(NodeRequest<T> request, Deadline deadline) {
    return calls.ask(select(request.node()), request, patience(request, deadline));
  }

  /** Long work may take as long as the caller waits; others are shown as silent before that. */
  private Deadline patience(NodeRequest<?> request, Deadline deadline) {
    return request instanceof NodeRequest.CreateMetadataSnapshot
        ? deadline
        : deadline.earlier(Deadline.after(clock, NODE_MAX));
  }

  /** Whether every partition finds its quorums, and all its nodes. */
  public ClusterResponse.Health health() {
    Set<NodeId> up = up();
    return ClusterHealth.of(layout.history(), up, nodes.all().size(), consistency);
  }

  private Set<NodeId> up() {
    Set<NodeId> up = new HashSet<>();
    nodes.all().stream().filter(PeerInfo::up).map(PeerInfo::id).forEach(up::add);
    return up;
  }

  /** Every node known. */
  ClusterResponse.Status status() {
    LayoutHistory history = layout.history();
    Map<NodeId, PeerInfo> known = new HashMap<>();
    nodes.all().forEach(peer -> known.put(peer.id(), peer));
    TreeSet<NodeId> ids = new TreeSet<>(known.keySet());
    ids.addAll(history.nodes());
    List<ClusterResponse.Node> rows = new ArrayList<>();
    for (NodeId id : ids) {
      rows.add(node(history, id, known.get(id)));
    }
    return new ClusterResponse.Status(history.current().number(), rows);
  }

  private ClusterResponse.Node node(LayoutHistory history, NodeId id, @Nullable PeerInfo peer) {
    NodeStatus status = nodes.status(id);
    String hostname = peer == null ? null : peer.hostname();
    boolean up = peer != null && peer.up();
    NodeRole role = history.current().role(id).orElse(null);
    boolean isLeaving =
        history.previous().flatMap(version -> version.role(id)).isPresent()
            || layout.progress().leaving().containsKey(id);
    boolean draining = isLeaving && (role == null || role.isGateway());
    return new ClusterResponse.Node(
        id.toString(),
        status == null ? null : status.version(),
        peer == null || peer.address() == null ? null : peer.address().toString(),
        hostname == null && status != null ? status.hostname() : hostname,
        up,
        up || peer == null ? null : secondsSince(peer.lastSeen()),
        role == null ? null : role(role),
        draining,
        status == null ? null : space(status.data()),
        status == null ? null : space(status.metadata()));
  }

  private @Nullable Long secondsSince(@Nullable Instant then) {
    return then == null ? null : Math.max(0, Duration.between(then, clock.now()).toSeconds());
  }

  private static ClusterResponse.Role role(NodeRole role) {
    ByteSize capacity = role.capacity();
    return new ClusterResponse.Role(
        role.zone().name(), role.tags(), capacity == null ? null : capacity.bytes());
  }

  private static ClusterResponse.Space space(Disk.Space space) {
    return new ClusterResponse.Space(space.available(), space.total());
  }

  private ClusterResponse.Connections connect(List<String> peers, Deadline deadline) {
    Deadline until = deadline.earlier(Deadline.after(clock, CONNECT_MAX));
    return new ClusterResponse.Connections(
        peers.stream().map(peer -> connect(peer, until)).toList());
  }

  private ClusterResponse.Connection connect(String peer, Deadline deadline) {
    try {
      nodes.connect(PeerAddress.parse(peer), deadline);
      return new ClusterResponse.Connection(true, null);
    } catch (IllegalArgumentException | GarageException e) {
      return new ClusterResponse.Connection(false, String.valueOf(e.getMessage()));
    }
  }

  private Set<NodeId> select(String pattern) {
    if (pattern.equals(NodeRequest.SELF)) {
      return Set.of(nodes.self());
    }
    Set<NodeId> all = new TreeSet<>(layout.history().nodes());
    all.addAll(up());
    if (pattern.equals(NodeRequest.ALL)) {
      return all;
    }
    List<NodeId> matches = all.stream().filter(id -> id.toString().startsWith(pattern)).toList();
    if (matches.size() != 1) {
      throw new AdminFailure(
          AdminError.invalidRequest(matches.size() + " nodes match '" + pattern + "'"));
    }
    return Set.copyOf(matches);
  }
}
