package garage.table.register;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes certain that a group of registers is empty, and stays so, before who deletes it says so:
 * this node as a replica whose {@link Doors} are closed, and as the one that closes them.
 *
 * <p>Why it is certain. Doors are closed on a write quorum of every set of every partition, in one
 * epoch. What a writer is told of a new version rests on a quorum of answers; one of them came from
 * a replica of ours, and before that had closed its door. So the version was there when that
 * replica drained its locks and looked, and it named the key, unless something newer was there.
 * Every key named is settled above everything that replica had accepted: either a quorum holds
 * something, and the group is not empty; or a quorum has promised to take nothing older, and the
 * doors keep out what is newer. Replicas that come to count later close the doors of those they are
 * verified against first ({@link RegisterTransition}).
 *
 * <p>Whether the group is deleted then is decided elsewhere, once for each attempt, before any door
 * is opened again: so who died on the way keeps nothing closed for ever, and who is only slow
 * deletes nothing behind an open door.
 */
public final class DoorRounds {
  /** Keys one replica names at once: few are ever there when a group is said to be empty. */
  private static final int HOLDING_MAX = 256;

  /** Pages swept at once: more was never left by requests that failed within some minutes. */
  private static final int SWEEP_PAGES_MAX = 64;

  /** A replica looks at the keys of a group, deleted ones too: a second for a million of them. */
  private static final Duration ROUND_MAX = Duration.ofSeconds(10);

  /** Between two rounds, where the epoch has changed or a replica may count again before long. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** For telling replicas what they find out by themselves a little later. */
  private static final Duration TELL_MAX = Duration.ofMillis(500);

  private final Doors doors;
  private final List<Family<?>> families;
  private final Rpc rpc;
  private final Placement placement;
  private final HybridClock hybrid;
  private final Clock clock;
  private final Endpoint<DoorMessage, DoorReply> endpoint;

  /**
   * A family of registers whose groups have doors.
   *
   * @param isContent whether a version makes its group not empty
   * @param vacate settles a key and takes away what may be taken away; answers whether nothing is
   *     left that a quorum holds
   */
  public record Family<V>(Register<V> register, Predicate<V> isContent, Vacating vacate) {
    private List<byte[]> holding(Bytes32 group, int max) {
      return register.replica().rows().holding(group.toBytes(), isContent, max);
    }
  }

  /** See {@link Family}. */
  @FunctionalInterface
  public interface Vacating {
    boolean vacate(byte[] key, Deadline deadline);
  }

  /** {@code families} in the same order on every node. */
  public DoorRounds(Doors doors, List<Family<?>> families, Register.Context context) {
    this.doors = doors;
    this.families = List.copyOf(families);
    this.rpc = context.rpc();
    this.placement = context.placement();
    this.hybrid = context.hybrid();
    this.clock = context.clock();
    this.endpoint = new Endpoint<>("door", DoorMessage.CODEC, DoorReply.CODEC);
    rpc.serve(endpoint, (from, request, _) -> Payload.of(answer(from, request.value())));
  }

  /** The doors of this node. */
  public Doors doors() {
    return doors;
  }

  /**
   * Closes the doors of a group for one attempt at deleting it, and answers whether it is empty
   * behind them.
   *
   * @throws GarageException.QuorumNotReached if too few replicas answer
   */
  public boolean closesBehindNothing(Bytes32 group, Timestamp attempt, Deadline deadline) {
    while (true) {
      Look look = close(group, attempt, deadline);
      for (DoorReply.Holding holding : look.holding()) {
        if (!families.get(holding.family()).vacate().vacate(holding.key(), deadline)) {
          return false;
        }
      }
      if (!look.more()) {
        return true;
      }
    }
  }

  /** Opens the doors that {@code attempt} has closed, as far as replicas answer. */
  public void open(Bytes32 group, Timestamp attempt, Deadline deadline) {
    tell(new DoorMessage.Open(group, attempt), deadline);
  }

  /** Says that a group is gone, as far as replicas answer. */
  public void end(Bytes32 group, Timestamp attempt, Deadline deadline) {
    tell(new DoorMessage.End(group, attempt), deadline);
  }

  /** Takes away what a write that failed has left on this node of a group that is gone. */
  public void sweep(Bytes32 group, Deadline deadline) {
    for (Family<?> family : families) {
      int pages = 0;
      List<byte[]> left;
      do {
        left = family.holding(group, HOLDING_MAX);
        left.forEach(key -> family.register().clear(key, deadline));
      } while (left.size() == HOLDING_MAX && ++pages < SWEEP_PAGES_MAX);
    }
  }

  // --- this node as a replica

  private DoorReply answer(@Nullable NodeId from, DoorMessage message) {
    switch (message) {
      case DoorMessage.Close(long epoch, Bytes32 group, Timestamp attempt) -> {
        hybrid.observe(attempt);
        placement.fence().check(epoch, from);
        PartitionSet members = members();
        doors.close(group, attempt);
        DoorReply look = look(group, members);
        placement.fence().check(epoch, from);
        return look;
      }
      case DoorMessage.Open(Bytes32 group, Timestamp attempt) -> doors.open(group, attempt);
      case DoorMessage.End(Bytes32 group, Timestamp attempt) -> doors.end(group, attempt);
    }
    return new DoorReply(hybrid.now(), PartitionSet.NONE, List.of(), false);
  }

  private DoorReply look(Bytes32 group, PartitionSet members) {
    List<DoorReply.Holding> holding = new ArrayList<>();
    boolean more = false;
    for (int i = 0; i < families.size(); i++) {
      int family = i;
      List<byte[]> keys = families.get(i).holding(group, HOLDING_MAX);
      keys.forEach(key -> holding.add(new DoorReply.Holding(family, key)));
      more |= keys.size() == HOLDING_MAX;
    }
    return new DoorReply(hybrid.now(), members, holding, more);
  }

  private PartitionSet members() {
    return PartitionSet.of(partition ->
        families.stream().allMatch(f -> f.register().replica().standing().isMember(partition)));
  }

  // --- this node as the one that closes

  private record Look(List<DoorReply.Holding> holding, boolean more) {}

  private Look close(Bytes32 group, Timestamp attempt, Deadline deadline) {
    while (true) {
      Map<Partition, Replicas> sets = sets();
      if (sets != null) {
        long epoch = sets.values().iterator().next().epoch();
        Look look = close(new DoorMessage.Close(epoch, group, attempt), sets, deadline);
        if (look != null) {
          return look;
        }
      }
      if (deadline.expired(clock)) {
        throw new GarageException.QuorumNotReached("the layout is being changed");
      }
      clock.sleep(PAUSE);
    }
  }

  /** The replicas of all partitions in one epoch; null if it changed in between. */
  private @Nullable Map<Partition, Replicas> sets() {
    Map<Partition, Replicas> sets = new TreeMap<>();
    long epoch = placement.fence().epoch();
    for (Partition partition : placement.partitions()) {
      Replicas replicas = placement.replicas(partition);
      if (replicas.epoch() != epoch) {
        return null;
      }
      sets.put(partition, replicas);
    }
    return sets;
  }

  /** One round; null if a replica is in a later epoch, which is known here now. */
  private @Nullable Look close(
      DoorMessage.Close message, Map<Partition, Replicas> sets, Deadline deadline) {
    Set<NodeId> nodes = new LinkedHashSet<>();
    sets.values().forEach(replicas -> nodes.addAll(replicas.all()));
    Deadline end = deadline.earlier(Deadline.after(clock, ROUND_MAX));
    CallOptions options = new CallOptions(Priority.CLIENT, end);
    Map<NodeId, DoorReply> replies = new LinkedHashMap<>();
    List<String> failures = new ArrayList<>();
    try (Fanout<DoorReply> fanout =
        rpc.fanout(endpoint, Payload.of((DoorMessage) message), options)) {
      fanout.ask(nodes);
      while (!closed(sets, replies)) {
        Answer<DoorReply> answer = fanout.next(end);
        switch (answer) {
          case null ->
              throw new GarageException.QuorumNotReached(
                  "too few of %d nodes answered: %s".formatted(nodes.size(), failures));
          case Answer.Success<DoorReply>(NodeId from, Payload<DoorReply> payload) -> {
            String apart = observe(payload.value().at());
            if (apart == null) {
              replies.put(from, payload.value());
            } else {
              failures.add(from.shortHex() + ": " + apart);
            }
          }
          case Answer.Failure<DoorReply>(NodeId from, GarageException.Stale stale) -> {
            placement.fence().adopt(stale.epoch(), from);
            return null;
          }
          case Answer.Failure<DoorReply>(NodeId from, GarageException cause) ->
              failures.add(from.shortHex() + ": " + cause.getMessage());
        }
      }
    }
    return found(replies);
  }

  /** Why {@code seen} is too far ahead to settle anything above it; null if it is not. */
  private @Nullable String observe(Timestamp seen) {
    try {
      hybrid.observe(seen);
      return null;
    } catch (GarageException.Conflict e) {
      return e.getMessage();
    }
  }

  private static boolean closed(Map<Partition, Replicas> sets, Map<NodeId, DoorReply> replies) {
    return sets.entrySet().stream()
        .allMatch(set ->
            set.getValue()
                .writeReached(node -> {
                  DoorReply reply = replies.get(node);
                  return reply != null && reply.speaksFor().contains(set.getKey());
                }));
  }

  /** What the replicas named, each key once. */
  private static Look found(Map<NodeId, DoorReply> replies) {
    Map<Integer, Map<byte[], DoorReply.Holding>> found = new TreeMap<>();
    boolean more = false;
    for (DoorReply reply : replies.values()) {
      more |= reply.more();
      for (DoorReply.Holding holding : reply.holding()) {
        found
            .computeIfAbsent(holding.family(), _ -> new TreeMap<>(Arrays::compareUnsigned))
            .put(holding.key(), holding);
      }
    }
    List<DoorReply.Holding> all = new ArrayList<>();
    found.values().forEach(keys -> all.addAll(keys.values()));
    return new Look(all, more);
  }

  private void tell(DoorMessage message, Deadline longest) {
    Deadline deadline = longest.earlier(Deadline.after(clock, TELL_MAX));
    CallOptions options = new CallOptions(Priority.CLIENT, deadline);
    try (Fanout<DoorReply> fanout = rpc.fanout(endpoint, Payload.of(message), options)) {
      fanout.ask(placement.nodes());
      while (fanout.next(deadline) != null) {
        // each node is told; one that is away finds out by itself
      }
    }
  }
}
