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
}
