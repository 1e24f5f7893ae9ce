package garage.table.replication;

import garage.common.id.NodeId;
import garage.rpc.Endpoint;
import garage.rpc.Preference;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The asking node, then the others in the order of their ids: where nothing is known of them. */
record SelfFirst(NodeId self) implements Preference {
  private static final Duration HEDGE = Duration.ofMillis(50);

  @Override
  public List<NodeId> order(Collection<NodeId> nodes) {
    return nodes.stream()
        .sorted(Comparator.comparing((NodeId node) -> !node.equals(self)).thenComparing(n -> n))
        .toList();
  }

  @Override
  public Duration hedgeAfter(NodeId node, Endpoint<?, ?> endpoint) {
    return HEDGE;
  }
}
