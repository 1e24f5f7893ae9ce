package garage.rpc;

import garage.common.id.NodeId;
import java.time.Duration;

/** Calls to this node's peers. A call to the node itself takes no connection. */
public interface Rpc {
  /** The largest message in bytes, attachment included. */
  int MESSAGE_BYTES_MAX = 32 << 20;

  /** This node. */
  NodeId self();

  /** Answers calls of {@code endpoint} from now on; each endpoint is served once. */
  <Q, R> void serve(Endpoint<Q, R> endpoint, Service<Q, R> service);

  /**
   * Calls {@code to} and waits for the answer.
   *
   * @throws garage.common.error.GarageException the peer's own failure, or {@link
   *     garage.common.error.GarageException.Unreachable}, {@link
   *     garage.common.error.GarageException.TimedOut}, {@link
   *     garage.common.error.GarageException.Cancelled}
   */
  <Q, R> Payload<R> call(
      NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options);

  /**
   * For how long no call to {@code node} could be made; zero if one can be made now, or nobody
   * knows.
   */
  default Duration awayFor(NodeId node) {
    return Duration.ZERO;
  }

  /**
   * Prepares one request to several nodes at once; nothing is sent before {@link Fanout#ask}. At
   * the deadline of {@code options} every node that has not answered counts as failed.
   */
  <Q, R> Fanout<R> fanout(Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options);

  /** A call without attachments. */
  default <Q, R> R call(NodeId to, Endpoint<Q, R> endpoint, Q request, CallOptions options) {
    return call(to, endpoint, Payload.of(request), options).value();
  }
}
