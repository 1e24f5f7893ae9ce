package garage.table.register;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.Epoch;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.ReplicaCalls;
import garage.table.replication.Replicas;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Takes away tombstones that every replica has, many at once: two rounds for all of them that have
 * the same replicas. In a stable epoch only; see {@link Register} for why nothing need be waited
 * for.
 */
final class Collecting {
  /** A confirmation reads rows, a collection is one batch. */
  private static final Duration ROUND_MAX = Duration.ofSeconds(5);

  private final Rpc rpc;
  private final Clock clock;
  private final Function<byte[], Replicas> replicasOf;
  private final Endpoint<CollectMessage, CollectReply> endpoint;

  Collecting(
      Rpc rpc,
      Clock clock,
      Function<byte[], Replicas> replicasOf,
      Endpoint<CollectMessage, CollectReply> endpoint) {
    this.rpc = rpc;
    this.clock = clock;
    this.replicasOf = replicasOf;
    this.endpoint = endpoint;
  }

  /**
   * Deletes the rows of those of {@code keys} of which every replica confirms that a tombstone is
   * what it holds; answers how many are gone.
   */
  int collect(List<byte[]> keys, Deadline deadline) {
    Map<Replicas, List<byte[]>> groups = new LinkedHashMap<>();
    for (byte[] key : keys) {
      groups.computeIfAbsent(replicasOf.apply(key), _ -> new ArrayList<>()).add(key);
    }
    int gone = 0;
    for (Map.Entry<Replicas, List<byte[]>> group : groups.entrySet()) {
      Replicas replicas = group.getKey();
      if (Epoch.ofNumber(replicas.epoch()).isStable()) { // else a new replica may be copying
        gone += collected(replicas, confirmed(replicas, group.getValue(), deadline), deadline);
      }
    }
    return gone;
  }

  /** The keys that every replica shows with one and the same tombstone. */
  private List<CollectMessage.Confirmed> confirmed(
      Replicas replicas, List<byte[]> keys, Deadline deadline) {
    Map<NodeId, CollectReply> replies =
        ask(replicas, new CollectMessage.Confirm(replicas.epoch(), keys), keys.size(), deadline);
    if (replies.isEmpty() || replies.size() < replicas.all().size()) {
      return List.of();
    }
    CollectReply first = replies.values().iterator().next();
    List<CollectMessage.Confirmed> confirmed = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Optional<Timestamp> ballot = first.ballots().get(i);
      int at = i;
      if (ballot.isPresent()
          && replies.values().stream().allMatch(r -> r.ballots().get(at).equals(ballot))) {
        confirmed.add(new CollectMessage.Confirmed(keys.get(i), ballot.get()));
      }
    }
    return confirmed;
  }

  private int collected(Replicas replicas, List<CollectMessage.Confirmed> rows, Deadline deadline) {
    if (rows.isEmpty()) {
      return 0;
    }
    Map<NodeId, CollectReply> replies =
        ask(replicas, new CollectMessage.Collect(replicas.epoch(), rows), rows.size(), deadline);
    int gone = 0;
    for (int i = 0; i < rows.size(); i++) {
      int at = i;
      boolean everywhere = replies.values().stream().allMatch(r -> r.ballots().get(at).isPresent());
      gone += everywhere && replies.size() == replicas.all().size() ? 1 : 0;
    }
    return gone;
  }

  /** The answers of those replicas that answer in time, and as many as were asked for. */
  private Map<NodeId, CollectReply> ask(
      Replicas replicas, CollectMessage message, int wanted, Deadline deadline) {
    Deadline end = deadline.earlier(Deadline.after(clock, ROUND_MAX));
    CallOptions options = new CallOptions(Priority.BACKGROUND, end);
    Map<NodeId, CollectReply> replies = new LinkedHashMap<>();
    try (Fanout<CollectReply> fanout =
        ReplicaCalls.open(rpc, replicas, endpoint, Payload.of(message), options)) {
      fanout.ask(replicas.all());
      for (Answer<CollectReply> answer = fanout.next(end);
          answer != null;
          answer = fanout.next(end)) {
        if (answer instanceof Answer.Success<CollectReply>(NodeId from, var payload)
            && payload.value().ballots().size() == wanted) {
          replies.put(from, payload.value());
        }
      }
    }
    return replies;
  }
}
