package garage.block;

import garage.common.check.Invariant;
import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.rpc.Preference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** On which nodes the blocks of a partition are now. */
public interface BlockPlacement {
  /**
   * The replicas of {@code partition}.
   *
   * @throws garage.common.error.GarageException.QuorumNotReached if no layout has been applied yet
   */
  Replicas replicas(Partition partition);

  /** The present epoch's number: what every message carries. */
  long epoch();

  /** Whether there is a layout, and it is not being changed. */
  boolean isStable();

  /** Whether {@code self} is the only node there is, so that no message is ever on its way. */
  default boolean isAlone(NodeId self) {
    return false;
  }

  /** The layout this follows; empty for one that never changes. */
  default Optional<LayoutHistory> layout() {
    return Optional.empty();
  }

  /**
   * Nodes that keep a partition in one layout.
   *
   * @param writeQuorum how many of them must store a write, at least 1
   */
  record Group(List<NodeId> nodes, int writeQuorum) {
    public Group {
      nodes = List.copyOf(nodes);
      Invariant.check(
          writeQuorum > 0 && writeQuorum <= nodes.size(), "a group has a quorum", nodes);
    }
  }

  /**
   * Replicas of one partition.
   *
   * @param epoch the number of the epoch in which this is so
   * @param counting the groups that count: a quorum is a quorum of each; never empty
   * @param joining nodes that get every write but do not count yet
   * @param former nodes of layouts no longer in force, latest first: where blocks may be left
   */
  record Replicas(long epoch, List<Group> counting, List<NodeId> joining, List<NodeId> former) {
    public Replicas {
      counting = List.copyOf(counting);
      joining = List.copyOf(joining);
      former = List.copyOf(former);
      Invariant.check(!counting.isEmpty(), "some group counts");
    }

    /** Replicas of a cluster whose layout does not change. */
    static Replicas stable(long epoch, List<NodeId> nodes, int writeQuorum) {
      return new Replicas(epoch, List.of(new Group(nodes, writeQuorum)), List.of(), List.of());
    }

    /** Every node that gets writes, once. */
    public Set<NodeId> all() {
      Set<NodeId> nodes = new LinkedHashSet<>();
      counting.forEach(group -> nodes.addAll(group.nodes()));
      nodes.addAll(joining);
      return nodes;
    }

    /** Whether {@code node} gets writes. */
    boolean includes(NodeId node) {
      return joining.contains(node) || counting.stream().anyMatch(g -> g.nodes().contains(node));
    }

    /** Whether {@code done} are a quorum of every group. */
    boolean reached(Set<NodeId> done) {
      return counting.stream().allMatch(g -> count(g, done) >= g.writeQuorum());
    }

    /** Whether a quorum can still be reached without {@code failed}. */
    boolean reachable(Set<NodeId> failed) {
      return counting.stream()
          .allMatch(g -> g.nodes().size() - count(g, failed) >= g.writeQuorum());
    }

    private static long count(Group group, Set<NodeId> nodes) {
      return group.nodes().stream().filter(nodes::contains).count();
    }

    /**
     * Where to read, in this order: the node itself, the oldest group that counts (all of it is
     * there), the other nodes of layouts in force, then where blocks were before.
     */
    List<NodeId> sources(NodeId self, Preference preference) {
      Set<NodeId> order = new LinkedHashSet<>();
      if (includes(self) || former.contains(self)) {
        order.add(self);
      }
      order.addAll(preference.order(counting.getFirst().nodes()));
      order.addAll(preference.order(all()));
      order.addAll(former);
      return new ArrayList<>(order);
    }
  }
}
