package garage.admin;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.NodeAnswers;
import garage.admin.api.NodeRequest;
import garage.admin.json.AdminJson;
import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Carries requests that nodes answer each for itself to those nodes, and the answers back. */
public final class NodeCalls {
  private static final Endpoint<Call, Reply> ENDPOINT =
      new Endpoint<>(
              "admin/node", VersionedCodec.first(Call.CODEC), VersionedCodec.first(Reply.CODEC))
          .once();

  /** The status of a reply that is an answer, as over HTTP. */
  private static final int OK = 200;

  private final Rpc rpc;

  /** {@code local} answers for this node. */
  public NodeCalls(Rpc rpc, BiFunction<NodeRequest<?>, Deadline, Record> local) {
    this.rpc = rpc;
    rpc.serve(
        ENDPOINT, (from, call, deadline) -> Payload.of(answer(call.value(), local, deadline)));
  }

  /** A request as it travels: the endpoint's name, and its fields as JSON. */
  private record Call(String endpoint, String json) {
    static final Codec<Call> CODEC =
        Codec.of(
            (out, call) -> out.string(call.endpoint).string(call.json),
            in -> new Call(in.string(), in.string()));
  }

  /** The answer as JSON, or another status and the reason. */
  private record Reply(int status, String text) {
    static final Codec<Reply> CODEC =
        Codec.of(
            (out, reply) -> out.varint(reply.status).string(reply.text),
            in -> new Reply(in.varint32(), in.string()));
  }

  private static Reply answer(
      Call call, BiFunction<NodeRequest<?>, Deadline, Record> local, Deadline deadline) {
    try {
      AdminEndpoint endpoint =
          AdminEndpoint.named(call.endpoint())
              .orElseThrow(() ->
                  new AdminFailure(
                      AdminError.notImplemented(
                          "this node's version has no endpoint " + call.endpoint())));
      NodeRequest<?> request = (NodeRequest<?>) AdminJson.readRequest(endpoint, call.json());
      return new Reply(OK, AdminJson.write(local.apply(request, deadline)));
    } catch (AdminFailure failure) {
      return new Reply(failure.error().status(), failure.error().message());
    } catch (GarageException failure) {
      AdminError error = AdminErrors.of(failure);
      return new Reply(error.status(), error.message());
    }
  }

  /** The answer of each of {@code nodes}, or why there is none. */
  <T extends Record> NodeAnswers<T> ask(
      Collection<NodeId> nodes, NodeRequest<T> request, Deadline deadline) {
    AdminEndpoint endpoint = AdminEndpoint.of(request);
    Map<String, T> success = new TreeMap<>();
    Map<String, String> error = new TreeMap<>();
    nodes.forEach(node -> error.put(node.toString(), "no answer in time"));
    Call call = new Call(endpoint.wireName(), AdminJson.write((Record) request));
    CallOptions options = new CallOptions(Priority.URGENT, deadline);
    try (Fanout<Reply> fanout = rpc.fanout(ENDPOINT, Payload.of(call), options)) {
      fanout.ask(nodes);
      for (Answer<Reply> answer = fanout.next(deadline);
          answer != null;
          answer = fanout.next(deadline)) {
        switch (answer) {
          case Answer.Success<Reply>(NodeId from, Payload<Reply> reply) ->
              record(endpoint, from.toString(), reply.value(), success, error);
          case Answer.Failure<Reply>(NodeId from, GarageException cause) ->
              error.put(from.toString(), String.valueOf(cause.getMessage()));
        }
      }
    }
    return new NodeAnswers<>(success, error);
  }

  @SuppressWarnings("unchecked") // the endpoint's own class makes the answer
  private static <T extends Record> void record(
      AdminEndpoint endpoint,
      String from,
      Reply reply,
      Map<String, T> success,
      Map<String, String> error) {
    if (reply.status() == OK) {
      success.put(from, (T) AdminJson.readOne(endpoint.response(), reply.text()));
      error.remove(from);
    } else {
      error.put(from, reply.text());
    }
  }
}
