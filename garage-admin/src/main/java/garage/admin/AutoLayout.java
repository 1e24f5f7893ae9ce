package garage.admin;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.layout.assign.LayoutPlanner;
import garage.rpc.membership.NodeStatus;
import garage.rpc.peering.PeerInfo;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a role to nodes that join, as their own configuration wants it, and applies the layout: so
 * that a cluster of equal configurations needs no operator. It only ever adds:
 *
 * <ul>
 *   <li>A node that has a role keeps it as it is, and one that had a role and was removed does not
 *       get it back: an operator decided that.
 *   <li>While an operator has changes staged, or a change is under way, it waits.
 *   <li>It acts once the nodes it sees have been the same for {@link #SETTLE}, so that nodes which
 *       start together come into one version of the layout.
 *   <li>The first layout needs as many nodes as there are copies; and, where peers are configured,
 *       at least one other node, so that nodes which have not met do not each begin a cluster.
 *   <li>One node proposes: of those that are up and want it, the first in the order of their ids.
 *       Should two believe to be it, the layout's election lets one of them through.
 * </ul>
 */
public final class AutoLayout implements Worker {
  /** Longer than the nodes of a cluster that starts need to find each other. */
  static final Duration SETTLE = Duration.ofSeconds(10);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration UPDATE_MAX = Duration.ofSeconds(30);
  private static final Logger log = LoggerFactory.getLogger(AutoLayout.class);

  private final ClusterNodes nodes;
  private final LayoutControl layout;
  private final HybridClock hybrid;
  private final Clock clock;
  private final boolean expectsPeers;
  private SortedMap<NodeId, NodeRole> seen = new TreeMap<>();
  private long sameSinceNanos;

  /** {@code expectsPeers} is whether other nodes are configured to be looked for. */
  public AutoLayout(
      ClusterNodes nodes,
      LayoutControl layout,
      HybridClock hybrid,
      Clock clock,
      boolean expectsPeers) {
    this.nodes = nodes;
    this.layout = layout;
    this.hybrid = hybrid;
    this.clock = clock;
    this.expectsPeers = expectsPeers;
    this.sameSinceNanos = clock.nanos();
  }

  @Override
  public String name() {
    return "automatic layout";
  }

  @Override
  public WorkerState step() {
    SortedMap<NodeId, NodeRole> wanted = wanted();
    if (!wanted.equals(seen)) {
      seen = wanted;
      sameSinceNanos = clock.nanos();
    }
    LayoutHistory history = layout.history();
    boolean settled = clock.nanos() - sameSinceNanos >= SETTLE.toNanos();
    if (settled && isQuiet(history) && isProposer(wanted) && isEnough(history, wanted)) {
      SortedMap<NodeId, NodeRole> joining = joining(history, wanted);
      if (!joining.isEmpty()) {
        apply(history.current().number() + 1, joining);
      }
    }
    return new WorkerState.Idle(LOOK_EVERY);
  }

  /** Nodes that are up and want a role. */
  private SortedMap<NodeId, NodeRole> wanted() {
    TreeMap<NodeId, NodeRole> wanted = new TreeMap<>();
    for (PeerInfo peer : nodes.all()) {
      NodeRole role = peer.up() ? wantedBy(peer.id()) : null;
      if (role != null) {
        wanted.put(peer.id(), role);
      }
    }
    return wanted;
  }

  private @Nullable NodeRole wantedBy(NodeId node) {
    NodeStatus status = nodes.status(node);
    return status == null ? null : status.wanted();
  }

  private static boolean isQuiet(LayoutHistory history) {
    return history.epoch().isStable() && !history.hasPendingChanges();
  }

  private boolean isProposer(SortedMap<NodeId, NodeRole> wanted) {
    return !wanted.isEmpty() && wanted.firstKey().equals(nodes.self());
  }

  private boolean isEnough(LayoutHistory history, SortedMap<NodeId, NodeRole> wanted) {
    if (history.current().number() > 0) {
      return true;
    }
    int copies = history.current().replication().copies();
    return wanted.size() >= Math.max(copies, expectsPeers ? 2 : 1);
  }

  /** Those that never had a role. */
  private static SortedMap<NodeId, NodeRole> joining(
      LayoutHistory history, SortedMap<NodeId, NodeRole> wanted) {
    TreeSet<NodeId> known = new TreeSet<>(history.current().roles().keySet());
    history.older().forEach(version -> known.addAll(version.roles().keySet()));
    TreeMap<NodeId, NodeRole> joining = new TreeMap<>(wanted);
    joining.keySet().removeAll(known);
    return joining;
  }

  private void apply(long version, SortedMap<NodeId, NodeRole> joining) {
    layout.update(
        history -> {
          if (history.current().number() != version - 1 || !isQuiet(history)) {
            return history;
          }
          LayoutHistory staged = history;
          for (var entry : joining.entrySet()) {
            staged = staged.stage(hybrid.now(), entry.getKey(), entry.getValue());
          }
          return LayoutPlanner.apply(staged, version).history();
        },
        Deadline.after(clock, UPDATE_MAX));
    log.info("layout version {} gives roles to {}", version, joining.keySet());
  }
}
