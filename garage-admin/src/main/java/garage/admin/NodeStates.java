package garage.admin;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Clock;
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
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Tells other nodes this one's state, and asks for theirs. */
public final class NodeStates {
  /** A node that takes longer is shown without its state: an operator is waiting. */
  private static final Duration PATIENCE = Duration.ofMillis(1500);

  private static final Endpoint<Boolean, NodeState> ENDPOINT =
      new Endpoint<>("admin/state", VersionedCodec.first(Codec.BOOL), NodeState.CODEC);

  private final Rpc rpc;
  private final Clock clock;

  /** {@code own} gives this node's state. */
  public NodeStates(Rpc rpc, Clock clock, Supplier<NodeState> own) {
    this.rpc = rpc;
    this.clock = clock;
    rpc.serve(ENDPOINT, (from, request, deadline) -> Payload.of(own.get()));
  }

  /** A node's state, or why there is none. */
  sealed interface Answered {
    record State(NodeState state) implements Answered {}

    record Silent(String reason) implements Answered {}
  }

  /** The answer of each of {@code nodes}. */
  Map<NodeId, Answered> ask(Collection<NodeId> nodes, Deadline deadline) {
    Deadline patience = deadline.earlier(Deadline.after(clock, PATIENCE));
    Map<NodeId, Answered> answers = new TreeMap<>();
    nodes.forEach(node -> answers.put(node, new Answered.Silent("no answer in time")));
    CallOptions options = new CallOptions(Priority.URGENT, patience);
    try (Fanout<NodeState> fanout = rpc.fanout(ENDPOINT, Payload.of(true), options)) {
      fanout.ask(nodes);
      for (Answer<NodeState> answer = fanout.next(patience);
          answer != null;
          answer = fanout.next(patience)) {
        switch (answer) {
          case Answer.Success<NodeState>(NodeId from, Payload<NodeState> state) ->
              answers.put(from, new Answered.State(state.value()));
          case Answer.Failure<NodeState>(NodeId from, GarageException cause) ->
              answers.put(from, new Answered.Silent(String.valueOf(cause.getMessage())));
        }
      }
    }
    return answers;
  }
}
