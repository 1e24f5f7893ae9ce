package garage.rpc;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Calls to several replicas at once. A read asks as many of the preferred nodes as it needs,
 * another at once for each that fails, and another for each that is later than {@link
 * Preference#hedgeAfter} says: so one slow replica is not felt beyond that (Dean and Barroso, The
 * Tail at Scale, 2013). A write asks all, and what has not answered when the quorums are there goes
 * on in the background, within {@link Stragglers#BYTES_MAX}.
 */
public final class QuorumCall {
  private final Rpc rpc;
  private final Preference preference;
  private final Clock clock;

  public QuorumCall(Rpc rpc, Preference preference, Clock clock) {
    this.rpc = rpc;
    this.preference = preference;
    this.clock = clock;
  }

  /** The nodes, best first. */
  public List<NodeId> order(Set<NodeId> nodes) {
    return preference.order(nodes);
  }

  /**
   * Asks enough nodes for every one of {@code quorums}, and returns the answers that make them.
   *
   * @throws GarageException.QuorumNotReached with the causes, as soon as one cannot be reached, or
   *     at the deadline
   */
  public <Q, R> List<Answer.Success<R>> read(
      Endpoint<Q, R> endpoint, Payload<Q> request, List<Quorum> quorums, CallOptions options) {
    try (Fanout<R> fanout = rpc.fanout(endpoint, request, options)) {
      try {
        return new Read<>(endpoint, quorums, options, fanout).run();
      } finally {
        fanout.cancel();
      }
    }
  }

  /**
   * Asks all nodes of {@code quorums}, and returns the answers there are when every quorum is
   * reached; the other calls go on.
   *
   * @throws GarageException.QuorumNotReached with the causes, as soon as one cannot be reached, or
   *     at the deadline; the outcome is unknown then
   * @throws GarageException.StorageFull if that was the only cause
   */
  public <Q, R> List<Answer.Success<R>> write(
      Endpoint<Q, R> endpoint, Payload<Q> request, List<Quorum> quorums, CallOptions options) {
    QuorumTracker tracker = new QuorumTracker(quorums);
    List<Answer.Success<R>> answers = new ArrayList<>();
    try (Fanout<R> fanout = rpc.fanout(endpoint, request, options)) {
      fanout.ask(preference.order(union(quorums)));
      while (!tracker.isReached()) {
        Answer<R> answer = fanout.next(options.deadline());
        if (answer == null) {
          throw tracker.failure(endpoint.name(), true);
        }
        note(answer, tracker, answers);
        if (tracker.isImpossible()) {
          throw tracker.failure(endpoint.name(), false);
        }
      }
    }
    return List.copyOf(answers);
  }

  private static <R> void note(
      Answer<R> answer, QuorumTracker tracker, List<Answer.Success<R>> answers) {
    switch (answer) {
      case Answer.Success<R> success -> {
        tracker.succeeded(success.from());
        answers.add(success);
      }
      case Answer.Failure<R> failure -> tracker.failed(failure.from(), failure.cause());
    }
  }

  private static Set<NodeId> union(List<Quorum> quorums) {
    Set<NodeId> all = new TreeSet<>();
    quorums.forEach(quorum -> all.addAll(quorum.nodes()));
    return all;
  }

  /** One read under way. */
  private final class Read<R> {
    private final Endpoint<?, R> endpoint;
    private final Deadline deadline;
    private final Fanout<R> fanout;
    private final QuorumTracker tracker;
    private final List<NodeId> candidates;
    private final Set<NodeId> asked = new HashSet<>();
    private final Set<NodeId> countedOn = new HashSet<>();
    private final Map<NodeId, Deadline> lateAt = new TreeMap<>();
    private final List<Answer.Success<R>> answers = new ArrayList<>();

    Read(Endpoint<?, R> endpoint, List<Quorum> quorums, CallOptions options, Fanout<R> fanout) {
      this.endpoint = endpoint;
      this.deadline = options.deadline();
      this.fanout = fanout;
      this.tracker = new QuorumTracker(quorums);
      this.candidates = preference.order(union(quorums));
    }

    List<Answer.Success<R>> run() {
      askWhoHelps();
      while (!tracker.isReached()) {
        Answer<R> answer = fanout.next(deadline.earlier(earliestLate()));
        if (answer != null) {
          boolean inTime = lateAt.remove(answer.from()) != null;
          note(answer, tracker, answers);
          switch (answer) {
            case Answer.Success<R> success -> {
              countedOn.add(success.from());
              if (inTime) {
                preference.inTime(success.from());
              }
            }
            case Answer.Failure<R> failure -> countedOn.remove(failure.from());
          }
          askWhoHelps();
        } else {
          hedge();
        }
        if (tracker.isImpossible()) {
          throw tracker.failure(endpoint.name(), false);
        }
        if (answer == null && (deadline.expired(clock) || fanout.outstanding() == 0)) {
          throw tracker.failure(endpoint.name(), true);
        }
      }
      return List.copyOf(answers);
    }

    /** Counts no longer on nodes that are late; should they answer after all, they count. */
    private void hedge() {
      List<NodeId> late = new ArrayList<>();
      lateAt.forEach((node, at) -> {
        if (at.expired(clock)) {
          late.add(node);
        }
      });
      for (NodeId node : late) {
        lateAt.remove(node);
        countedOn.remove(node);
        preference.late(node, endpoint);
      }
      askWhoHelps();
    }

    private void askWhoHelps() {
      for (NodeId candidate : candidates) {
        if (!asked.contains(candidate) && tracker.helps(candidate, countedOn)) {
          ask(candidate);
        }
      }
    }

    private void ask(NodeId node) {
      asked.add(node);
      countedOn.add(node);
      lateAt.put(node, Deadline.after(clock, preference.hedgeAfter(node, endpoint)));
      fanout.ask(List.of(node));
    }

    private Deadline earliestLate() {
      return lateAt.values().stream().reduce(Deadline.NEVER, Deadline::earlier);
    }
  }
}
