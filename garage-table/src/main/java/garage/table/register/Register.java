package garage.table.register;

import garage.common.codec.VersionedCodec;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.db.Store;
import garage.layout.Partition;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.ReplicaCalls;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import garage.table.sync.SyncedRows;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A family of linearizable registers, one per key: this node as a replica of some and as the
 * coordinator of any. Found by model checking; each rule is there because a schedule broke the
 * protocol without it.
 *
 * <ul>
 *   <li>A plain write is one {@code accept} round at a fresh ballot, which is the version's id. If
 *       every replica refused and never held it, it begins anew.
 *   <li>Another takes the slow path: {@code prepare}, then apply at most once. Its own version
 *       newest: accept it again, higher. A quorum never held it: accept it. A quorum holds or held
 *       it at one ballot: it took effect and was overwritten. Otherwise nobody can tell, and it is
 *       never applied again.
 *   <li>A read whose quorum shows one (ballot, id) is one round. Otherwise what is newest is
 *       written back at its own ballot; if that is refused, it is settled by prepare and accept.
 *   <li>A conditional write prepares, evaluates, accepts; only a version that a quorum shows at one
 *       ballot may be replaced by it, and only then, or once on a quorum, does a failed condition
 *       count.
 * </ul>
 *
 * <p>Competing slow paths back off for random, doubling times; at the deadline the outcome is
 * unknown and {@link GarageException.QuorumNotReached} says so. Stateless between operations: any
 * number of tasks may use one instance.
 */
public final class Register<V> {
  /** How long one round waits for the replicas that have not answered. */
  private static final Duration ROUND_MAX = Duration.ofSeconds(5);

  /**
   * How long a read whose quorum disagrees waits for one more answer, which may make a quorum that
   * agrees: a write under way has reached one replica before the other, by about as much.
   */
  private static final Duration GRACE = Duration.ofMillis(10);

  /** How long a writer whose group is gone waits to hear that no replica has its version. */
  private static final Duration LAST_ANSWER = Duration.ofMillis(500);

  private final RegisterSchema<V> schema;
  private final Rpc rpc;
  private final Placement placement;
  private final HybridClock hybrid;
  private final Clock clock;
  private final RandomSource random;
  private final @Nullable Doors doors;
  private final RegisterReplica<V> replica;
  private final RegisterCopies<V> copies;
  private final Endpoint<RegisterMessage<V>, RegisterReply<V>> endpoint;
  private final Endpoint<PullMessage, PullReply<V>> pulls;
  private final Collecting collecting;

  /** What a family of registers stands on. */
  public record Context(
      Rpc rpc,
      Placement placement,
      Store store,
      HybridClock hybrid,
      Clock clock,
      RandomSource random) {}

  public Register(RegisterSchema<V> schema, Context context) {
    this(schema, context, null);
  }

  /** As above; new versions are refused where {@code doors} are closed. */
  public Register(RegisterSchema<V> schema, Context context, @Nullable Doors doors) {
    this.schema = schema;
    this.rpc = context.rpc();
    this.placement = context.placement();
    this.hybrid = context.hybrid();
    this.clock = context.clock();
    this.random = context.random();
    this.doors = doors;
    RegisterRows<V> rows = new RegisterRows<>(schema, context.store());
    Standing standing = new Standing(placement, context.store(), rows.floors(), rpc.self());
    this.replica = new RegisterReplica<>(rows, standing, context, doors);
    this.copies = new RegisterCopies<>(rows, standing, context, doors);
    VersionedCodec<V> codec = schema.codec();
    this.endpoint =
        new Endpoint<>(
            "register/" + schema.name(), RegisterMessage.codec(codec), RegisterReply.codec(codec));
    rpc.serve(endpoint, replica::handle);
    this.pulls = new Endpoint<>("pull/" + schema.name(), PullMessage.CODEC, PullReply.codec(codec));
    rpc.serve(pulls, (from, request, _) -> Payload.of(copies.pull(from, request.value())));
    var collects =
        new Endpoint<>("collect/" + schema.name(), CollectMessage.CODEC, CollectReply.CODEC);
    rpc.serve(collects, (from, request, _) -> Payload.of(replica.collect(from, request.value())));
    this.collecting = new Collecting(rpc, clock, this::replicas, collects);
  }

  /**
   * The part these registers take in a change of layout.
   *
   * @param isComplete whether all replicas of a partition hold everything of the part of that name
   */
  public RegisterTransition<V> transition(BiPredicate<String, Partition> isComplete) {
    return new RegisterTransition<>(
        "registers: " + schema.name(),
        placement,
        copies,
        new Pulls<>(rpc, pulls, clock),
        this::settle,
        isComplete);
  }

  /** Settles what {@code key} is by a slow read: then a quorum of each set that counts has it. */
  void settle(byte[] key, Deadline deadline) {
    BackOff backOff = backOff(deadline);
    while (slowRead(key, deadline) == null) {
      backOff.pause();
    }
  }

  /**
   * Writes a version, whatever was there, and returns its id once it is durable on a quorum.
   *
   * @throws GarageException.QuorumNotReached if that is not known at {@code deadline}
   */
  public Timestamp write(byte[] key, V version, ByteBuffer body, Deadline deadline) {
    return write(key, Draft.undated(version, body), deadline);
  }

  /** As above; answers the version's date. */
  public Timestamp write(byte[] key, Draft<V> draft, Deadline deadline) {
    V version = draft.version();
    boolean comes = !schema.isTombstone(version);
    Write<V> write = new Write<>(key, hybrid.now(), version, draft.body(), comes);
    long begun = placement.fence().epoch();
    BackOff backOff = backOff(deadline);
    boolean raced = false;
    NodeId once = rpc.self();
    while (true) {
      boolean anew;
      backOff.sent();
      try (Round<V> round = accept(write, write.id(), deadline)) {
        if (yes(round)) {
          return write.id();
        }
        note(backOff, round, deadline);
        anew = !round.stale(); // a stale first round is repeated with the same ballot
        if (anew && !leftNothing(round, once, deadline)) {
          break;
        }
      }
      if (!anew || raced) { // refused once, it may only have been late
        backOff.pause();
      }
      once = anew ? rpc.self() : null; // itself is asked the same again
      if (anew) {
        raced = true;
        backOff.unsent();
        write = write.begunAt(hybrid.now());
        begun = placement.fence().epoch();
      }
    }
    Dates<V> dates = new Dates<>(draft.dating(), write.id(), deadline);
    return new SlowWrite(begun, dates, backOff, deadline).run(write);
  }

  /**
   * Whether every replica refused, so that the write has left no trace and may begin anew with an
   * identity above what refused it: else that of a later version could be the lower one.
   */
  private boolean leftNothing(Round<V> round, @Nullable NodeId once, Deadline deadline) {
    round.collect(() -> round.refusedByAll(once), grace(deadline));
    return round.refusedByAll(once);
  }

  /** Writes a tombstone, whatever was there. */
  void clear(byte[] key, Deadline deadline) {
    write(key, schema.tombstone(), ByteBuffer.allocate(0), deadline);
  }

  /**
   * Writes a version if {@code condition} holds of the one it replaces.
   *
   * @throws GarageException.QuorumNotReached if the outcome is not known at {@code deadline}
   */
  public ConditionalOutcome<V> writeIf(
      byte[] key, Condition<V> condition, V version, ByteBuffer body, Deadline deadline) {
    return writeIf(key, condition, Draft.undated(version, body), deadline);
  }

  /** As above; answers dates in place of identities. */
  public ConditionalOutcome<V> writeIf(
      byte[] key, Condition<V> condition, Draft<V> draft, Deadline deadline) {
    boolean guarded = !schema.isTombstone(draft.version());
    Write<V> write = new Write<>(key, hybrid.now(), draft.version(), draft.body(), guarded);
    return new ConditionalWrite(write, condition, draft.dating(), deadline).run();
  }

  /**
   * Writes a tombstone if {@code condition} holds. Whoever has closed {@link Doors} finds out so
   * what is behind them: what is there is brought to a quorum though they are closed.
   */
  public ConditionalOutcome<V> vacate(byte[] key, Condition<V> condition, Deadline deadline) {
    ByteBuffer none = ByteBuffer.allocate(0);
    Write<V> write = new Write<>(key, hybrid.now(), schema.tombstone(), none, false);
    return new ConditionalWrite(write, condition, null, deadline).behindDoors().run();
  }

  /**
   * As {@link #writeIf}, for a version that only says something else of what is there already: it
   * passes closed {@link Doors}.
   */
  public ConditionalOutcome<V> rewriteIf(
      byte[] key, Condition<V> condition, V version, ByteBuffer body, Deadline deadline) {
    Write<V> write = new Write<>(key, hybrid.now(), version, body, false);
    return new ConditionalWrite(write, condition, null, deadline).run();
  }

  /**
   * The present version, empty if nothing was ever written or it is a tombstone.
   *
   * @param withBody whether the version's body is wanted
   * @throws GarageException.QuorumNotReached if it cannot be told before {@code deadline}
   */
  public Optional<Version<V>> read(byte[] key, boolean withBody, Deadline deadline) {
    BackOff backOff = backOff(deadline);
    while (true) {
      Replicas replicas = replicas(key);
      NodeId bodyFrom = withBody ? bodySource(replicas) : null;
      var message = new RegisterMessage.Read<V>(replicas.epoch(), key, bodyFrom);
      try (Round<V> round = round(replicas, Payload.of(message), deadline)) {
        round.collect(
            () -> isTold(round) || round.quorum(r -> r instanceof RegisterReply.State<V>),
            roundEnd(deadline));
        round.collect(() -> isTold(round), grace(deadline));
        if (round.saidGone()) {
          return Optional.empty();
        }
        RegisterReply.State<V> agreed = agreement(round);
        if (agreed == null && !round.stale()) {
          agreed = settle(key, round, deadline);
        }
        if (agreed != null) {
          Seen<V> seen = seen(key, agreed, round, withBody, deadline);
          if (seen != null) {
            return seen.version();
          }
        }
        backOff.note(round);
      }
      backOff.pause();
    }
  }

  /**
   * The version this node accepted last, empty for a tombstone: it may never have taken effect, and
   * others may know a later one. For registers of which every node has a copy.
   */
  public Optional<V> here(byte[] key) {
    V latest = replica.rows().latest(key);
    return latest == null || schema.isTombstone(latest) ? Optional.empty() : Optional.of(latest);
  }

  /**
   * The version accepted last among copies of one key's row, found by scanning the tree of this
   * family; null for a tombstone, or where nothing was accepted.
   */
  public @Nullable Version<V> newest(List<byte[]> copies) {
    RegisterRow<V> newest =
        copies.stream()
            .map(replica.rows()::decode)
            .max((a, b) -> a.ballot().compareTo(b.ballot()))
            .orElseThrow();
    V version = newest.version();
    return version == null || schema.isTombstone(version)
        ? null
        : new Version<>(newest.id(), version, ByteBuffer.allocate(0));
  }

  /**
   * Deletes a tombstone's row on every replica, if each confirms that the tombstone is what it
   * holds. Answers whether the row is gone.
   */
  public boolean collect(byte[] key, Deadline deadline) {
    return collecting.collect(List.of(key), deadline) == 1;
  }

  /**
   * As {@link #collect(byte[], Deadline)}, of many keys at once; answers how many rows are gone.
   */
  public int collect(List<byte[]> keys, Deadline deadline) {
    return collecting.collect(keys, deadline);
  }

  /** This node as a replica of the family. */
  RegisterReplica<V> replica() {
    return replica;
  }

  /** This node's rows of the family, as replicas exchange them. */
  RegisterCopies<V> copies() {
    return copies;
  }

  /** The row of this replica, which must be one that counts, for {@code key}. */
  public RegisterRow<V> rowHere(byte[] key) {
    return replica.memberRow(key);
  }

  /** The body of the version {@code row} shows on this replica; null if it was replaced since. */
  public @Nullable ByteBuffer bodyHere(byte[] key, RegisterRow<V> row) {
    return replica.rows().body(key, row);
  }

  /** The rows of this node as they are brought together with those of other replicas. */
  public SyncedRows synced() {
    return new RegisterSync<>(this, copies);
  }

  /**
   * Accepts the newest version again at a fresh ballot, above every promise and floor: what is to
   * be done where a replica may not take the row as it is. Answers whether a quorum has it so.
   */
  boolean raise(byte[] key, Deadline deadline) {
    Timestamp ballot = hybrid.now();
    Replicas replicas = replicas(key);
    var prepare = new RegisterMessage.Prepare<V>(replicas.epoch(), key, ballot, ballot, true);
    try (Round<V> round = round(replicas, Payload.of(prepare), deadline)) {
      round.collect(() -> false, roundEnd(deadline)); // the one that has it may be the last
      if (round.saidGone()) {
        clear(key, deadline);
        return true;
      }
      RegisterReply.State<V> newest = round.newest();
      boolean promised = !round.stale() && round.quorum(r -> r instanceof RegisterReply.State<V>);
      return promised && newest != null && writeBack(key, newest, ballot, true, deadline);
    }
  }

  /** Whether the door of a key's group is closed on this replica, as who coordinates is to know. */
  public boolean isClosedHere(byte[] key) {
    return replica.isClosed(key);
  }

  /** A replica has told this coordinator that the door of a key's group is closed. */
  public void metClosedDoor(byte[] key) {
    if (doors != null) {
      doors.sightings().met(key);
    }
  }

  // ---- reading

  private boolean isTold(Round<V> round) {
    return round.saidGone() || agreement(round) != null;
  }

  /** The state that a quorum shows, ballot and id alike; null if there is none yet. */
  private RegisterReply.@Nullable State<V> agreement(Round<V> round) {
    for (RegisterReply.State<V> state : round.states().values()) {
      if (round.agreed(r -> r instanceof RegisterReply.State<V> s && s.agreesWith(state))) {
        return state;
      }
    }
    return null;
  }

  /** Brings what is newest to a quorum, or answers null: read again. */
  private RegisterReply.@Nullable State<V> settle(byte[] key, Round<V> round, Deadline deadline) {
    RegisterReply.State<V> newest = round.newest();
    if (newest == null || !round.quorum(r -> r instanceof RegisterReply.State<V>)) {
      return null;
    }
    if (writeBack(key, newest, newest.ballot(), true, deadline)) {
      return newest;
    }
    return slowRead(key, deadline);
  }

  private RegisterReply.@Nullable State<V> slowRead(byte[] key, Deadline deadline) {
    Timestamp ballot = hybrid.now();
    Replicas replicas = replicas(key);
    var prepare = new RegisterMessage.Prepare<V>(replicas.epoch(), key, ballot, ballot, true);
    try (Round<V> round = round(replicas, Payload.of(prepare), deadline)) {
      if (!promised(round, deadline)) {
        return round.saidGone() ? cleared(key, deadline) : null;
      }
      RegisterReply.State<V> agreed = agreement(round);
      RegisterReply.State<V> newest = round.newest();
      if (agreed != null || newest == null) {
        return agreed;
      }
      return writeBack(key, newest, ballot, true, deadline) ? newest : null;
    }
  }

  /** Takes away what is left of a key whose group is gone; answers what is to be seen then. */
  private RegisterReply.State<V> cleared(byte[] key, Deadline deadline) {
    clear(key, deadline);
    Timestamp none = Timestamp.ZERO;
    return new RegisterReply.State<>(none, none, none, null, true, new RegisterRow.Held.Unknown());
  }

  /**
   * Accepts {@code state}'s version again at {@code ballot}; answers whether a quorum has it.
   *
   * @param guarded whether closed doors keep it out: whoever closed them must not miss it
   */
  private boolean writeBack(
      byte[] key,
      RegisterReply.State<V> state,
      Timestamp ballot,
      boolean guarded,
      Deadline deadline) {
    V version = state.version();
    ByteBuffer body = version == null ? null : body(key, state, deadline);
    if (version == null || body == null) {
      return false;
    }
    Write<V> write = new Write<>(key, state.id(), version, body, guarded);
    try (Round<V> round = accept(write, ballot, deadline)) {
      if (!yes(round) && round.saidGone()) {
        clear(key, deadline);
      }
      return yes(round);
    }
  }

  private record Seen<V>(Optional<Version<V>> version) {}

  /**
   * What a reader is shown of {@code state}; null if its body cannot be had: it was overwritten.
   */
  private @Nullable Seen<V> seen(
      byte[] key, RegisterReply.State<V> state, Round<V> round, boolean bodyWanted, Deadline end) {
    V version = state.version();
    if (version == null || schema.isTombstone(version)) {
      return new Seen<>(Optional.empty());
    }
    ByteBuffer body = ByteBuffer.allocate(0);
    if (bodyWanted && schema.hasBody(version)) {
      ByteBuffer sent = round.body(state);
      body = sent != null ? sent : body(key, state, end);
    }
    return body == null ? null : new Seen<>(Optional.of(new Version<>(state.id(), version, body)));
  }

  /** The body of the version {@code state} shows, from whichever replica holds it; null if none. */
  private @Nullable ByteBuffer body(byte[] key, RegisterReply.State<V> state, Deadline deadline) {
    V version = state.version();
    if (version == null || !schema.hasBody(version)) {
      return ByteBuffer.allocate(0);
    }
    Replicas replicas = replicas(key);
    for (NodeId node : replicas.all()) {
      ByteBuffer body = bodyFrom(replicas, node, key, state, deadline);
      if (body != null) {
        return body;
      }
    }
    return null;
  }

  private @Nullable ByteBuffer bodyFrom(
      Replicas replicas, NodeId node, byte[] key, RegisterReply.State<V> state, Deadline deadline) {
    var message = new RegisterMessage.Read<V>(replicas.epoch(), key, node);
    try {
      Payload<RegisterReply<V>> reply =
          rpc.call(node, endpoint, Payload.of(message), options(roundEnd(deadline)));
      boolean same =
          reply.value() instanceof RegisterReply.State<V> shown && shown.id().equals(state.id());
      return same ? reply.attachment() : null;
    } catch (GarageException.Unreachable | GarageException.TimedOut | GarageException.Stale e) {
      return null;
    }
  }

  private NodeId bodySource(Replicas replicas) {
    return replicas.all().contains(rpc.self()) ? rpc.self() : replicas.sets().getFirst().getFirst();
  }

  // ---- writing

  /** A plain write whose first round failed, and may have left something. */
  private final class SlowWrite {
    private final Dates<V> dates;
    private final Deadline deadline;
    private final BackOff backOff;
    private final long begun;

    /** {@code begun} is the epoch of the first attempt. */
    SlowWrite(long begun, Dates<V> dates, BackOff backOff, Deadline deadline) {
      this.begun = begun;
      this.dates = dates;
      this.deadline = deadline;
      this.backOff = backOff;
    }

    /** Answers the date. */
    Timestamp run(Write<V> first) {
      Write<V> write = first;
      while (true) {
        backOff.pause();
        Timestamp ballot = hybrid.now();
        Replicas replicas = replicas(write.key());
        var prepare = write.prepare(replicas.epoch(), ballot);
        try (Round<V> round = round(replicas, Payload.of(prepare), deadline)) {
          if (!promised(round, deadline)) {
            note(backOff, round, deadline);
            continue;
          }
          switch (fate(round, write.id(), begun, deadline)) {
            case OVERWRITTEN -> {
              return overwritten(round, dates);
            }
            case TRY_AGAIN -> {
              continue;
            }
            case UNDECIDED -> throw unknown();
            case NEVER_APPLIED -> write = write.of(dates.renewed(write.version(), ballot));
            case CURRENT ->
                write = write.of(dates.continued(write.version(), newest(round), ballot));
          }
        }
        dates.sent(ballot);
        try (Round<V> round = accept(write, ballot, deadline)) {
          if (yes(round)) {
            return dates.date();
          }
          note(backOff, round, deadline);
        }
      }
    }
  }

  private static GarageException unknown() {
    return new GarageException.QuorumNotReached("the outcome of the write is unknown");
  }

  private RegisterReply.State<V> newest(Round<V> round) {
    return Objects.requireNonNull(round.newest());
  }

  /** The date of what took effect and was overwritten, if it can be told. */
  private Timestamp overwritten(Round<V> round, Dates<V> dates) {
    if (!round.quorum(
        r ->
            Fate.held(r) instanceof RegisterRow.Held.Yes(Timestamp ballot) && dates.isOf(ballot))) {
      throw unknown();
    }
    return dates.date();
  }

  private Fate fate(Round<V> round, Timestamp id, long begun, Deadline deadline) {
    if (Fate.of(round, id, begun) == Fate.UNDECIDED) {
      round.collect(() -> Fate.of(round, id, begun) != Fate.UNDECIDED, roundEnd(deadline));
    }
    Fate fate = Fate.of(round, id, begun);
    boolean open = fate == Fate.UNDECIDED && !round.shownByAll();
    return round.stale() || open ? Fate.TRY_AGAIN : fate;
  }

  /** A conditional write, through as many rounds as it takes. */
  private final class ConditionalWrite {
    private final Condition<V> condition;
    private final Deadline deadline;
    private final BackOff backOff;
    private final @Nullable Dating<V> dating;
    private Write<V> write;
    private Dates<V> dates;
    private boolean behindDoors;

    /** The highest ballot an accept of our own version was sent with. */
    private Timestamp sent = Timestamp.ZERO;

    /** The epoch in which our own version was sent first. */
    private long begun;

    ConditionalWrite(
        Write<V> write, Condition<V> condition, @Nullable Dating<V> dating, Deadline deadline) {
      this.write = write;
      this.dating = dating;
      this.dates = new Dates<>(dating, write.id(), deadline);
      this.condition = condition;
      this.deadline = deadline;
      this.backOff = backOff(deadline);
    }

    /** What is there is brought to a quorum though doors are closed. */
    ConditionalWrite behindDoors() {
      behindDoors = true;
      return this;
    }

    ConditionalOutcome<V> run() {
      Timestamp ballot = write.id();
      while (true) {
        ConditionalOutcome<V> outcome = attempt(ballot);
        if (outcome != null) {
          return outcome;
        }
        backOff.pause();
        ballot = hybrid.now();
        if (sent.equals(Timestamp.ZERO)) { // nobody knows of it: the latest identity is the best
          write = write.begunAt(ballot);
          dates = new Dates<>(dating, ballot, deadline);
        }
      }
    }

    /** One prepare and what follows from it; null to try again. */
    private @Nullable ConditionalOutcome<V> attempt(Timestamp ballot) {
      Replicas replicas = replicas(write.key());
      var prepare = write.prepare(replicas.epoch(), ballot);
      try (Round<V> round = round(replicas, Payload.of(prepare), deadline)) {
        if (!promised(round, deadline)) {
          note(backOff, round, deadline);
          return null;
        }
        if (!sent.equals(Timestamp.ZERO)) {
          switch (fate(round, write.id(), begun, deadline)) {
            case CURRENT -> {
              write = write.of(dates.continued(write.version(), newest(round), ballot));
              return acceptOwn(ballot);
            }
            case OVERWRITTEN -> {
              return new ConditionalOutcome.Written<>(overwritten(round, dates));
            }
            case UNDECIDED -> throw unknown();
            case TRY_AGAIN -> {
              return null;
            }
            case NEVER_APPLIED -> {}
          }
        }
        return evaluate(round, ballot);
      }
    }

    private @Nullable ConditionalOutcome<V> evaluate(Round<V> round, Timestamp ballot) {
      RegisterReply.State<V> newest = round.newest();
      if (newest == null) {
        return null;
      }
      boolean shown =
          round.quorum(r -> r instanceof RegisterReply.State<V> s && s.agreesWith(newest));
      V current = schema.isTombstone(newest.version()) ? null : newest.version();
      if (condition.holds(current, new Condition.Attempt(newest.id(), ballot))) {
        if (shown) {
          if (!sent.equals(Timestamp.ZERO)) { // in vain
            write = write.of(dates.renewed(write.version(), ballot));
          }
          return acceptOwn(ballot);
        }
        settle(newest, ballot);
        return null; // on a quorum now, or overtaken: prepare again
      }
      boolean untouched = sent.equals(Timestamp.ZERO);
      if (shown && (untouched || newest.ballot().isAfter(sent))) {
        return notHeld(current);
      }
      return settle(newest, ballot) ? notHeld(current) : null;
    }

    private ConditionalOutcome<V> notHeld(@Nullable V current) {
      boolean untouched = sent.equals(Timestamp.ZERO);
      return new ConditionalOutcome.NotHeld<>(current, untouched ? null : dates.date());
    }

    /** Brings {@code state} to a quorum at {@code ballot}; nothing at all becomes a tombstone. */
    private boolean settle(RegisterReply.State<V> state, Timestamp ballot) {
      if (state.version() != null) {
        return writeBack(write.key(), state, ballot, !behindDoors, deadline);
      }
      ByteBuffer none = ByteBuffer.allocate(0);
      Write<V> absent = new Write<>(write.key(), ballot, schema.tombstone(), none, false);
      try (Round<V> round = accept(absent, ballot, deadline)) {
        return yes(round);
      }
    }

    private @Nullable ConditionalOutcome<V> acceptOwn(Timestamp ballot) {
      begun = sent.equals(Timestamp.ZERO) ? placement.fence().epoch() : begun;
      sent = ballot;
      backOff.sent();
      dates.sent(ballot);
      try (Round<V> round = accept(write, ballot, deadline)) {
        note(backOff, round, deadline);
        return yes(round) ? new ConditionalOutcome.Written<>(dates.date()) : null;
      }
    }
  }

  // ---- rounds

  private Round<V> accept(Write<V> write, Timestamp ballot, Deadline deadline) {
    Replicas replicas = replicas(write.key());
    RegisterMessage<V> message = write.accept(replicas.epoch(), ballot);
    Round<V> round = round(replicas, new Payload<>(message, write.body().duplicate()), deadline);
    round.collect(
        () -> yes(round) || round.impossible(r -> r instanceof RegisterReply.Yes<V>),
        roundEnd(deadline));
    round.failIfFull();
    return round;
  }

  private boolean promised(Round<V> round, Deadline deadline) {
    round.collect(
        () ->
            round.quorum(r -> r instanceof RegisterReply.State<V>)
                || round.impossible(r -> r instanceof RegisterReply.State<V>),
        roundEnd(deadline));
    round.failIfFull();
    return !round.stale() && round.quorum(r -> r instanceof RegisterReply.State<V>);
  }

  private boolean yes(Round<V> round) {
    return !round.stale() && round.quorum(r -> r instanceof RegisterReply.Yes<V>);
  }

  private Round<V> round(
      Replicas replicas, Payload<RegisterMessage<V>> message, Deadline deadline) {
    boolean write = message.value() instanceof RegisterMessage.Accept<V>;
    return new Round<>(
        replicas,
        placement.fence(),
        reply -> observe(message.value().key(), reply),
        ReplicaCalls.open(rpc, replicas, endpoint, message, options(roundEnd(deadline))),
        write ? replicas.receivers() : replicas.all());
  }

  private void observe(byte[] key, RegisterReply<V> reply) {
    if (reply.closed()) {
      metClosedDoor(key);
    }
    hybrid.observe(reply.highest());
  }

  private Replicas replicas(byte[] key) {
    return placement.replicas(schema.partition(key));
  }

  private CallOptions options(Deadline deadline) {
    return new CallOptions(Priority.CLIENT, deadline);
  }

  private Deadline grace(Deadline deadline) {
    return deadline.earlier(Deadline.after(clock, GRACE));
  }

  private Deadline roundEnd(Deadline deadline) {
    return deadline.earlier(Deadline.after(clock, ROUND_MAX));
  }

  private BackOff backOff(Deadline deadline) {
    return new BackOff(rpc, clock, random, deadline);
  }

  /**
   * Notes a round that may have failed.
   *
   * @throws GarageException.Conflict if the key's group is gone, and nothing was written
   */
  private void note(BackOff backOff, Round<V> round, Deadline deadline) {
    if (yes(round)) {
      return;
    }
    backOff.note(round);
    if (round.saidGone()) {
      Deadline end = deadline.earlier(Deadline.after(clock, LAST_ANSWER));
      round.collect(() -> round.keptOutByAll(), end);
      if (round.keptOutByAll()) {
        backOff.unsent();
      }
      throw backOff.keptOut("the bucket was deleted meanwhile");
    }
  }
}
