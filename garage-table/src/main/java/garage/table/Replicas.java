package garage.table;

import garage.common.check.Invariant;
import garage.common.id.NodeId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The nodes that hold a row in one epoch.
 *
 * @param epoch what every message of the operation carries
 * @param sets the sets that count: a quorum is a quorum of each; never empty
 * @param readQuorum how many of a set must answer a read, at least 1
 * @param writeQuorum how many of a set must store a write, at least 1
 */
public record Replicas(long epoch, List<List<NodeId>> sets, int readQuorum, int writeQuorum) {
  public Replicas {
    sets = sets.stream().map(List::copyOf).toList();
    Invariant.check(!sets.isEmpty(), "some set of replicas counts");
    Invariant.check(readQuorum > 0 && writeQuorum > 0, "quorums are positive");
  }

  /** Every replica once, in the order of the sets. */
  public Set<NodeId> all() {
    Set<NodeId> nodes = new LinkedHashSet<>();
    sets.forEach(nodes::addAll);
    return nodes;
  }

  /** Whether at least {@code quorum} nodes of every set satisfy {@code has}. */
  public boolean reached(int quorum, Predicate<NodeId> has) {
    return sets.stream().allMatch(set -> set.stream().filter(has).count() >= quorum);
  }

  /** A majority of a set of the replication factor, as the register protocol needs it. */
  public int majority() {
    return sets.getFirst().size() / 2 + 1;
  }
}
