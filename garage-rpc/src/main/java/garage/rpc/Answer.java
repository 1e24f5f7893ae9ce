package garage.rpc;

import garage.common.error.GarageException;
import garage.common.id.NodeId;

/** What one of several called nodes said. */
public sealed interface Answer<R> {
  /** The node called. */
  NodeId from();

  /** It answered. */
  record Success<R>(NodeId from, Payload<R> payload) implements Answer<R> {}

  /** It failed, or could not be reached. */
  record Failure<R>(NodeId from, GarageException cause) implements Answer<R> {}
}
