package garage.rpc.peering;

import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.wire.Caller;
import garage.rpc.wire.Message;
import java.nio.ByteBuffer;

/** A call of an endpoint on one connection. */
final class TypedCall {
  private TypedCall() {}

  static <Q, R> Payload<R> make(
      Caller caller, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
    Message message =
        new Message(
            ByteBuffer.wrap(endpoint.request().encode(request.value())), request.attachment());
    Message answer = caller.call(endpoint.name(), message, options.priority(), options.deadline());
    return new Payload<>(endpoint.response().decode(answer.value()), answer.attachment());
  }
}
