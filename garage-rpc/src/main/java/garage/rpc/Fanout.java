package garage.rpc;

import garage.common.env.Deadline;
import garage.common.id.NodeId;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * One request to several nodes at once, and their answers in the order they come. Closing it lets
 * calls under way go on (a write's other replicas should still get it) but forgets their answers;
 * {@link #cancel} stops them.
 */
public interface Fanout<R> extends AutoCloseable {
  /** Calls further nodes. */
  void ask(Collection<NodeId> nodes);

  /** The next answer; null at {@code deadline}, or when every node asked has answered. */
  @Nullable Answer<R> next(Deadline deadline);

  /** How many nodes were asked whose answers have not been taken, whether they have come or not. */
  int outstanding();

  /** Cancels the calls under way. */
  void cancel();

  @Override
  void close();
}
