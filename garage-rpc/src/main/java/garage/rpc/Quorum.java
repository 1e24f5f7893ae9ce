package garage.rpc;

import garage.common.check.Invariant;
import garage.common.id.NodeId;
import java.util.Collection;
import java.util.Set;

/** Some nodes, and how many of them an operation needs. */
public record Quorum(Set<NodeId> nodes, int needed) {
  public Quorum {
    nodes = Set.copyOf(nodes);
    Invariant.check(needed >= 0 && needed <= nodes.size(), "a quorum can be reached", needed);
  }

  /** {@code needed} of {@code nodes}. */
  public static Quorum of(Collection<NodeId> nodes, int needed) {
    return new Quorum(Set.copyOf(nodes), needed);
  }
}
