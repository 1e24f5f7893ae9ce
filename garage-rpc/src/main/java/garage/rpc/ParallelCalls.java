package garage.rpc;

import garage.common.check.Invariant;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Fanout} with a task for each call. At the deadline of the calls every node that has not
 * answered has failed, also where its call takes no notice of the time.
 */
public final class ParallelCalls<Q, R> implements Fanout<R> {
  private final Rpc rpc;
  private final Clock clock;
  private final Tasks tasks;
  private final Request<Q, R> request;
  private final Stragglers stragglers;
  private final Gate gate;
  private final Set<NodeId> waitedFor = new LinkedHashSet<>();
  private final ArrayDeque<Answer<R>> answers = new ArrayDeque<>();
  private final List<Tasks.Task> started = new ArrayList<>();
  private int running;
  private boolean closed;

  /** What is asked of every node. */
  public record Request<Q, R>(Endpoint<Q, R> endpoint, Payload<Q> payload, CallOptions options) {}

  /**
   * @param stragglers counts what is left when this is closed
   */
  public ParallelCalls(
      Rpc rpc, Clock clock, Tasks tasks, Request<Q, R> request, Stragglers stragglers) {
    this.rpc = rpc;
    this.clock = clock;
    this.tasks = tasks;
    this.request = request;
    this.stragglers = stragglers;
    this.gate = new Gate(clock);
  }

  @Override
  public void ask(Collection<NodeId> nodes) {
    for (NodeId node : nodes) {
      gate.lock();
      try {
        Invariant.check(!closed, "a fan-out is not used after it is closed");
        Invariant.check(waitedFor.add(node), "a node is asked again after its answer", node);
        running++;
        started.add(tasks.start("call " + request.endpoint.name(), () -> callAndDeliver(node)));
      } finally {
        gate.unlock();
      }
    }
  }

  private void callAndDeliver(NodeId node) {
    @Nullable Answer<R> answer = null;
    try {
      answer = call(node);
    } finally {
      deliver(
          answer != null
              ? answer
              : new Answer.Failure<>(node, new GarageException.Internal("the call broke off")));
    }
  }

  private Answer<R> call(NodeId node) {
    try {
      return new Answer.Success<>(
          node, rpc.call(node, request.endpoint, request.payload, request.options));
    } catch (GarageException e) {
      return new Answer.Failure<>(node, e);
    }
  }

  private void deliver(Answer<R> answer) {
    gate.lock();
    try {
      running--;
      if (closed) {
        stragglers.ended(request.payload);
      } else if (waitedFor.remove(answer.from())) {
        answers.add(answer);
      }
      gate.signal();
    } finally {
      gate.unlock();
    }
  }

  @Override
  public @Nullable Answer<R> next(Deadline deadline) {
    gate.lock();
    try {
      Deadline limit = request.options.deadline();
      gate.await(() -> !answers.isEmpty() || waitedFor.isEmpty(), deadline.earlier(limit));
      if (answers.isEmpty() && limit.expired(clock)) {
        waitedFor.forEach(node ->
            answers.add(
                new Answer.Failure<>(node, new GarageException.TimedOut("no answer in time"))));
        waitedFor.clear();
      }
      return answers.poll();
    } finally {
      gate.unlock();
    }
  }

  @Override
  public int outstanding() {
    return gate.locked(() -> waitedFor.size() + answers.size());
  }

  @Override
  public void cancel() {
    gate.locked(() -> List.copyOf(started)).forEach(Tasks.Task::cancel);
  }

  @Override
  public void close() {
    gate.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      waitedFor.clear();
      answers.clear();
      if (stragglers.add(running, request.payload)) {
        return;
      }
    } finally {
      gate.unlock();
    }
    cancel();
  }
}
