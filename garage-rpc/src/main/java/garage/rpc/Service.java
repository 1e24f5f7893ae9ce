package garage.rpc;

import garage.common.env.Deadline;
import garage.common.id.NodeId;
import org.jspecify.annotations.Nullable;

/** The serving side of an {@link Endpoint}; runs on a task of its own for each call. */
@FunctionalInterface
public interface Service<Q, R> {
  /**
   * Answers one call. A {@link garage.common.error.GarageException} thrown here is thrown at the
   * caller with the same type and message. When the caller gives up, the task is cancelled.
   *
   * @param from the calling node; null for an operator's command line, which proved the cluster's
   *     secret but is no node
   */
  Payload<R> handle(@Nullable NodeId from, Payload<Q> request, Deadline deadline);
}
