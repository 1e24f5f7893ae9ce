package garage.table.register;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.Answer;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.membership.EpochFence;
import garage.table.replication.Replicas;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One message to every replica and the answers to it, which count for this round only. Reading the
 * answers moves the coordinator's clock above every ballot they carry.
 */
final class Round<V> implements AutoCloseable {
  private final Replicas replicas;
  private final EpochFence fence;
  private final Observer<V> observer;
  private final Fanout<RegisterReply<V>> fanout;
  private final Map<NodeId, Payload<RegisterReply<V>>> replies = new LinkedHashMap<>();
  private final Map<NodeId, GarageException> failures = new LinkedHashMap<>();
  private final int asked;
  private boolean stale;

  /** Is shown every answer; may refuse the timestamps it carries. */
  @FunctionalInterface
  interface Observer<V> {
    void saw(RegisterReply<V> reply);
  }

  /** {@code nodes} are asked: those that count, and for a write those that learn. */
  Round(
      Replicas replicas,
      EpochFence fence,
      Observer<V> observer,
      Fanout<RegisterReply<V>> fanout,
      Set<NodeId> nodes) {
    this.replicas = replicas;
    this.fence = fence;
    this.observer = observer;
    this.fanout = fanout;
    this.asked = nodes.size();
    fanout.ask(nodes);
  }

  /** Takes answers until {@code enough}, or nothing more can come before {@code deadline}. */
  void collect(BooleanSupplier enough, Deadline deadline) {
    while (!stale && !enough.getAsBoolean()) {
      Answer<RegisterReply<V>> answer = fanout.next(deadline);
      if (answer == null) {
        return;
      }
      switch (answer) {
        case Answer.Success<RegisterReply<V>>(NodeId from, Payload<RegisterReply<V>> payload) ->
            add(from, payload);
        case Answer.Failure<RegisterReply<V>>(NodeId from, GarageException.Stale later) -> {
          stale = true;
          adopt(later.epoch(), from);
        }
        case Answer.Failure<RegisterReply<V>>(NodeId from, GarageException cause) ->
            failures.put(from, cause);
      }
    }
  }

  private void add(NodeId from, Payload<RegisterReply<V>> payload) {
    replies.put(from, payload);
    try {
      observer.saw(payload.value());
    } catch (GarageException.Conflict e) {
      failures.put(from, e); // its answer still counts; our next ballot may be refused there
    }
  }

  private void adopt(long epoch, NodeId from) {
    try {
      fence.adopt(epoch, from);
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      failures.put(from, e); // the next attempt is refused too, until this succeeds
    }
  }

  /** The epoch of the message, and of all answers that count. */
  long epoch() {
    return replicas.epoch();
  }

  /** Whether some replica lives in a later epoch: everything answered is void. */
  boolean stale() {
    return stale;
  }

  /** Whether a quorum answered with {@code which}. */
  boolean quorum(Predicate<RegisterReply<V>> which) {
    return replicas.reached(Replicas.Counting::write, node -> matches(node, which));
  }

  /** Whether as many as a read needs answered with {@code which}. */
  boolean agreed(Predicate<RegisterReply<V>> which) {
    return replicas.reached(Replicas.Counting::agreeing, node -> matches(node, which));
  }

  /** The nodes that answered with {@code which}. */
  Set<NodeId> saidBy(Predicate<RegisterReply<V>> which) {
    Set<NodeId> nodes = new LinkedHashSet<>();
    replies.keySet().stream().filter(node -> matches(node, which)).forEach(nodes::add);
    return nodes;
  }

  /** Whether any replica answered with {@code which}. */
  boolean saidAny(Predicate<RegisterReply<V>> which) {
    return replies.values().stream().anyMatch(reply -> which.test(reply.value()));
  }

  /** Whether some replica knows that the group is gone: whatever others say, nothing is there. */
  boolean saidGone() {
    return !stale && saidAny(r -> r instanceof RegisterReply.Closed<V> closed && closed.gone());
  }

  /**
   * Whether each that was asked has refused, and had not done it before either. Then it never will:
   * what is newer stays newer.
   *
   * @param once a node that was asked for certain no more than once, whatever it has forgotten
   */
  boolean refusedByAll(@Nullable NodeId once) {
    return answeredByAll((node, reply) ->
        reply instanceof RegisterReply.Refused<V> refused
            && (refused.never() || node.equals(once)));
  }

  /** As above; a door that is closed for good keeps out for good, too. */
  boolean keptOutByAll() {
    return answeredByAll((_, reply) ->
        switch (reply) {
          case RegisterReply.Refused<V> refused -> refused.never();
          case RegisterReply.Closed<V> closed -> closed.gone() && closed.never();
          case RegisterReply.Yes<V> _, RegisterReply.State<V> _ -> false;
        });
  }

  private boolean answeredByAll(BiPredicate<NodeId, RegisterReply<V>> which) {
    return !stale
        && failures.isEmpty()
        && replies.size() == asked
        && replies.entrySet().stream().allMatch(r -> which.test(r.getKey(), r.getValue().value()));
  }

  /** Whether no quorum can answer with {@code which} any more. */
  boolean impossible(Predicate<RegisterReply<V>> which) {
    return !replicas.reached(
        Replicas.Counting::write,
        node ->
            matches(node, which) || (!replies.containsKey(node) && !failures.containsKey(node)));
  }

  private boolean matches(NodeId node, Predicate<RegisterReply<V>> which) {
    Payload<RegisterReply<V>> reply = replies.get(node);
    return reply != null && which.test(reply.value());
  }

  /** Whether each that counts has shown its row. */
  boolean shownByAll() {
    return states().keySet().containsAll(replicas.all());
  }

  /** Whether no quorum could answer, for the nodes that failed and are {@code away}. */
  boolean isCutOff(Predicate<NodeId> away) {
    return !stale
        && !replicas.writeReached(node -> !failures.containsKey(node) || !away.test(node));
  }

  /** The rows shown so far, by node. */
  Map<NodeId, RegisterReply.State<V>> states() {
    Map<NodeId, RegisterReply.State<V>> states = new LinkedHashMap<>();
    replies.forEach((node, reply) -> {
      if (reply.value() instanceof RegisterReply.State<V> state) {
        states.put(node, state);
      }
    });
    return states;
  }

  /** The row accepted last among those shown; null if none was shown. */
  RegisterReply.@Nullable State<V> newest() {
    return states().values().stream().max((a, b) -> a.ballot().compareTo(b.ballot())).orElse(null);
  }

  /** A body that came with an answer showing {@code state}; null if none did. */
  @Nullable ByteBuffer body(RegisterReply.State<V> state) {
    for (Payload<RegisterReply<V>> reply : replies.values()) {
      if (reply.attachment().hasRemaining()
          && reply.value() instanceof RegisterReply.State<V> shown
          && shown.id().equals(state.id())) {
        return reply.attachment();
      }
    }
    return null;
  }

  /**
   * Throws what the client is to be told if no quorum can do the write for want of space, instead
   * of trying again until the deadline.
   */
  void failIfFull() {
    for (GarageException cause : failures.values()) {
      if (cause instanceof GarageException.StorageFull && impossible(r -> true)) {
        throw cause;
      }
    }
  }

  /** What came of it, for who is told that it failed. */
  String summary() {
    List<String> all = new ArrayList<>();
    replies.forEach((node, reply) ->
        all.add(node.shortHex() + ": " + reply.value().getClass().getSimpleName()));
    failures.forEach((node, cause) -> all.add(node.shortHex() + ": " + cause.getMessage()));
    return all + (stale ? ", of an earlier epoch" : "");
  }

  @Override
  public void close() {
    fanout.close();
  }
}
