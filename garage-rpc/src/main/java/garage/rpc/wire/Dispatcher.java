package garage.rpc.wire;

import garage.common.env.Deadline;
import garage.common.id.NodeId;
import org.jspecify.annotations.Nullable;

/** What answers the calls that come in on a connection. */
@FunctionalInterface
public interface Dispatcher {
  /**
   * Answers one call, on a task of its own. What it throws is thrown at the caller.
   *
   * @param from null for a command line
   */
  Message dispatch(String endpoint, @Nullable NodeId from, Message request, Deadline deadline);
}
