package garage.rpc;

import garage.common.id.NodeId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Which of several replicas to ask first, and how long to wait for one before asking another. */
public interface Preference {
  /** The nodes, best first: this node, nodes of its zone, the others; near before far. */
  List<NodeId> order(Collection<NodeId> nodes);

  /** After how long an answer of {@code node} is late: longer than 95 % of its last answers. */
  Duration hedgeAfter(NodeId node, Endpoint<?, ?> endpoint);

  /** {@code node} has not answered after {@link #hedgeAfter}, and another is asked in its place. */
  default void late(NodeId node, Endpoint<?, ?> endpoint) {}

  /** {@code node} has answered before {@link #hedgeAfter}. */
  default void inTime(NodeId node) {}
}
