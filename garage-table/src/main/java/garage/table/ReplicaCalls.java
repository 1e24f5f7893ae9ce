package garage.table;

import garage.common.check.Invariant;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.table.replication.Replicas;
import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls to the replicas of a row: at once where there are several, directly where there is one. */
public final class ReplicaCalls {
  private ReplicaCalls() {}

  /** Prepares a call of {@code replicas}; see {@link Rpc#fanout}. */
  public static <Q, R> Fanout<R> open(
      Rpc rpc,
      Replicas replicas,
      Endpoint<Q, R> endpoint,
      Payload<Q> request,
      CallOptions options) {
    return replicas.isOnly(rpc.self())
        ? new DirectCall<>(rpc, () -> rpc.call(rpc.self(), endpoint, request, options))
        : rpc.fanout(endpoint, request, options);
  }

  /**
   * A call of this node alone, in the caller's task: every operation of a lone node, for which a
   * task of its own would be a tenth of the cost.
   */
  private static final class DirectCall<R> implements Fanout<R> {
    private final Rpc rpc;
    private final Supplier<Payload<R>> call;
    private @Nullable Answer<R> answer;

    DirectCall(Rpc rpc, Supplier<Payload<R>> call) {
      this.rpc = rpc;
      this.call = call;
    }

    @Override
    public void ask(Collection<NodeId> nodes) {
      Invariant.check(nodes.size() == 1 && nodes.contains(rpc.self()), "this node alone is asked");
      try {
        answer = new Answer.Success<>(rpc.self(), call.get());
      } catch (GarageException e) {
        answer = new Answer.Failure<>(rpc.self(), e);
      }
    }

    @Override
    public @Nullable Answer<R> next(Deadline deadline) {
      Answer<R> once = answer;
      answer = null;
      return once;
    }

    @Override
    public int outstanding() {
      return answer == null ? 0 : 1;
    }

    @Override
    public void cancel() {}

    @Override
    public void close() {}
  }
}
