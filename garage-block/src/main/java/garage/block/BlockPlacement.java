package garage.block;

import garage.common.check.Invariant;
import garage.common.id.NodeId;
import garage.layout.Partition;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** On which nodes the blocks of a partition are now. */
@FunctionalInterface
public interface BlockPlacement {
  /**
   * The replicas of {@code partition}.
   *
   * @throws garage.common.error.GarageException.QuorumNotReached if no layout has been applied yet
   */
  Replicas replicas(Partition partition);

  /**
   * Replicas of one partition.
   *
   * @param sets the sets that count: a quorum is a quorum of each; never empty
   * @param writeQuorum how many of a set must store a write, at least 1
   */
  record Replicas(List<List<NodeId>> sets, int writeQuorum) {
    public Replicas {
      sets = sets.stream().map(List::copyOf).toList();
      Invariant.check(!sets.isEmpty() && writeQuorum > 0, "a quorum of some set");
      for (List<NodeId> set : sets) {
        Invariant.check(set.size() >= writeQuorum, "a set has a quorum", set);
      }
    }

    /** Every replica once. */
    Set<NodeId> all() {
      Set<NodeId> nodes = new LinkedHashSet<>();
      sets.forEach(nodes::addAll);
      return nodes;
    }

    /** Whether {@code done} are a quorum of every set. */
    boolean reached(Set<NodeId> done) {
      return sets.stream().allMatch(s -> s.stream().filter(done::contains).count() >= writeQuorum);
    }

    /** Whether a quorum can still be reached without {@code failed}. */
    boolean reachable(Set<NodeId> failed) {
      return sets.stream()
          .allMatch(s -> s.stream().filter(n -> !failed.contains(n)).count() >= writeQuorum);
    }
  }
}
