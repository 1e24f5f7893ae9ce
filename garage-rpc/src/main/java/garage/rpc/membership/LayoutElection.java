package garage.rpc.membership;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How the layout goes from one epoch to the next: by agreement of a majority of the nodes of the
 * present layout, so that two operators on nodes that do not see each other cannot both apply a
 * version. It is Paxos with one instance for each epoch (Lamport, Paxos Made Simple, 2001):
 * promise, then acceptance; a proposer that finds something accepted finishes that instead of its
 * own. What is chosen enters the histories, and they spread by gossip; nothing else ever changes an
 * epoch.
 *
 * <p>Where there is no layout yet the nodes of the first one vote. Two first layouts without a
 * common node are two clusters, and remain so.
 */
final class LayoutElection {
  private static final Duration BACKOFF_MAX = Duration.ofMillis(200);

  /** Voters slower than this are not waited for once more in the same attempt. */
  private static final Duration ROUND_MAX = Duration.ofSeconds(5);

  private final Rpc rpc;
  private final LayoutStore store;
  private final Clock clock;
  private final RandomSource random;

  LayoutElection(Rpc rpc, LayoutStore store, Clock clock, RandomSource random) {
    this.rpc = rpc;
    this.store = store;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Makes {@code next} follow {@code base}; answers whether it does, or something else.
   *
   * @throws GarageException.QuorumNotReached if no majority answers in time
   */
  boolean elect(LayoutHistory base, LayoutHistory next, Deadline deadline) {
    Set<NodeId> voters = voters(base, next);
    int majority = voters.size() / 2 + 1;
    Ballot ballot = new Ballot(1, rpc.self());
    while (store.history().epoch().equals(base.epoch())) {
      Round round = new Round(voters, majority, deadline);
      LayoutHistory value = prepared(round, base, next, ballot);
      if (value != null && accepted(round, base, value, ballot)) {
        store.merge(value);
        return value.equals(next);
      }
      if (deadline.expired(clock)) {
        throw new GarageException.QuorumNotReached(
            "the layout was not changed: %d of %d nodes have to agree. %s"
                .formatted(majority, voters.size(), round.failures));
      }
      ballot = new Ballot(Math.max(ballot.number(), round.highest) + 1, rpc.self());
      clock.sleep(Duration.ofMillis(random.nextInt((int) BACKOFF_MAX.toMillis())));
    }
    return follows(next); // perhaps another proposer found ours accepted and finished it
  }

  private boolean follows(LayoutHistory next) {
    LayoutHistory now = store.history();
    return now.epoch().equals(next.epoch()) && now.current().id().equals(next.current().id());
  }

  private static Set<NodeId> voters(LayoutHistory base, LayoutHistory next) {
    Set<NodeId> voters = new TreeSet<>(base.nodes());
    if (voters.isEmpty()) {
      voters.addAll(next.nodes());
    }
    return voters;
  }

  /** What may be proposed; null if the majority did not promise. */
  private @Nullable LayoutHistory prepared(
      Round round, LayoutHistory base, LayoutHistory own, Ballot ballot) {
    List<Vote.Reply> replies = round.ask(Vote.PREPARE, new Vote.Prepare(base, ballot));
    if (replies.size() < round.majority) {
      return null;
    }
    return replies.stream()
        .flatMap(reply -> Optional.ofNullable(reply.accepted()).stream())
        .max(Comparator.comparing(Vote.Accepted::ballot))
        .map(Vote.Accepted::next)
        .orElse(own);
  }

  private boolean accepted(Round round, LayoutHistory base, LayoutHistory value, Ballot ballot) {
    return round.ask(Vote.ACCEPT, new Vote.Accept(base.epoch(), ballot, value)).size()
        >= round.majority;
  }

  /** One attempt. */
  private final class Round {
    final Set<NodeId> voters;
    final int majority;
    final Deadline deadline;
    final List<String> failures = new ArrayList<>();
    long highest;

    Round(Set<NodeId> voters, int majority, Deadline deadline) {
      this.voters = voters;
      this.majority = majority;
      this.deadline = deadline.earlier(Deadline.after(clock, ROUND_MAX));
    }

    /** The votes granted, until there is a majority or it cannot be. */
    <Q> List<Vote.Reply> ask(Endpoint<Q, Vote.Reply> endpoint, Q request) {
      List<Vote.Reply> granted = new ArrayList<>();
      CallOptions options = new CallOptions(Priority.URGENT, deadline);
      try (Fanout<Vote.Reply> fanout = rpc.fanout(endpoint, Payload.of(request), options)) {
        fanout.ask(voters);
        while (granted.size() < majority && granted.size() + fanout.outstanding() > 0) {
          Answer<Vote.Reply> answer = fanout.next(deadline);
          if (answer == null) {
            return granted;
          }
          switch (answer) {
            case Answer.Success<Vote.Reply> success -> count(success.payload().value(), granted);
            case Answer.Failure<Vote.Reply> failure ->
                failures.add(failure.from().shortHex() + ": " + failure.cause().getMessage());
          }
        }
      }
      return granted;
    }

    private void count(Vote.Reply reply, List<Vote.Reply> granted) {
      Ballot ballot = reply.ballot();
      highest = Math.max(highest, ballot == null ? 0 : ballot.number());
      if (reply.granted()) {
        granted.add(reply);
      } else {
        store.merge(reply.history()); // of a later epoch if this step was made without us
      }
    }
  }
}
