package garage.rpc.peering;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Service;
import garage.rpc.wire.Dispatcher;
import garage.rpc.wire.Message;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The endpoints a node serves. */
final class Services implements Dispatcher {
  private final ConcurrentHashMap<String, Served<?, ?>> served = new ConcurrentHashMap<>();

  <Q, R> void add(Endpoint<Q, R> endpoint, Service<Q, R> service) {
    if (served.putIfAbsent(endpoint.name(), new Served<>(endpoint, service)) != null) {
      throw new IllegalStateException(endpoint.name() + " is served already");
    }
  }

  @Override
  public Message dispatch(
      String endpoint, @Nullable NodeId from, Message request, Deadline deadline) {
    return find(endpoint).dispatch(from, request, deadline);
  }

  /** A call of the node to itself: no codec, no connection. */
  @SuppressWarnings("unchecked") // an endpoint's name stands for its types
  <Q, R> Payload<R> callSelf(
      NodeId self, Endpoint<Q, R> endpoint, Payload<Q> request, Deadline deadline) {
    Service<Q, R> service = (Service<Q, R>) find(endpoint.name()).service;
    return service.handle(
        self, new Payload<>(request.value(), request.attachment().duplicate()), deadline);
  }

  private Served<?, ?> find(String endpoint) {
    Served<?, ?> found = served.get(endpoint);
    if (found == null) {
      throw new GarageException.Unreachable("the node does not serve " + endpoint);
    }
    return found;
  }

  private record Served<Q, R>(Endpoint<Q, R> endpoint, Service<Q, R> service) {
    Message dispatch(@Nullable NodeId from, Message request, Deadline deadline) {
      Q value = endpoint.request().decode(request.value());
      Payload<R> answer =
          service.handle(from, new Payload<>(value, request.attachment()), deadline);
      return new Message(
          ByteBuffer.wrap(endpoint.response().encode(answer.value())), answer.attachment());
    }
  }
}
