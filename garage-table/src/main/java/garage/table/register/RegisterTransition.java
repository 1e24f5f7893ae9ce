package garage.table.register;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.layout.ConsistencyMode;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.LayoutPhase;
import garage.layout.LayoutVersion;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.rpc.membership.TransitionPart;
import garage.table.replication.Placement;
import garage.table.sync.MerkleIndex;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes one family of registers on this node through a change of layout.
 *
 * <ol>
 *   <li>Where the node is new to a partition's set it empties what it may have left of an earlier
 *       membership, is filled from a replica, takes the highest floor of a quorum, and only then
 *       answers anything (epoch COPY, or later if it was away). Nothing is collected meanwhile,
 *       because that needs the answer of every replica. Where it is of the set it is filled from,
 *       and has certainly said nothing there, it is one of that quorum itself: what was
 *       acknowledged or promised there, a quorum without it has done, which every quorum with it
 *       meets, as if it had merely been slow; and of what was collected before, each of the others
 *       has the floor.
 *   <li>In JOINT every node of the new set verifies every row: it compares its own with those of a
 *       quorum of the old set that answers in JOINT, takes the newest, and settles by a slow read
 *       what is newer here, or promised above its ballot anywhere. From then on every quorum of the
 *       new set meets the newest accepted version of every key, since operations of JOINT need both
 *       sets.
 *   <li>In STABLE the rest of the new set catches up; when all have, nodes that left drop theirs.
 * </ol>
 *
 * <p>A node that shows a row too far ahead of this node's clock, as one does that alone took it
 * while its own clock was wrong, counts as one that did not answer for that partition.
 *
 * <p>Rows are compared by the Merkle index, so that what is equal costs one exchange for all
 * partitions. All that is kept is {@link Standing}: a restart begins again with the partitions that
 * were not done. One task runs it.
 */
public final class RegisterTransition<V> implements Worker, TransitionPart {
  /** Slots compared at once: a few thousand rows of a large partition, in memory. */
  private static final int SLOTS_AT_ONCE = 32;

  /** Keys fetched by one call. */
  private static final int FETCH_KEYS = 256;

  /** How long one key may take to settle. */
  private static final Duration SETTLE_MAX = Duration.ofSeconds(20);

  /** Settled keys remembered, so that what several replicas name is settled once. */
  private static final int SETTLED_MAX = 100_000;

  private static final Duration RECHECK = Duration.ofSeconds(1);

  /** When all is looked through again although the layout is as it was and nothing was to do. */
  private static final Duration QUIET = Duration.ofSeconds(30);

  private final String name;
  private final Placement placement;
  private final RegisterCopies<V> copies;
  private final Standing standing;
  private final Pulls<V> pulls;
  private final Settler settler;
  private final BiPredicate<String, Partition> isComplete;
  private final AtomicLong looked = new AtomicLong();
  private final AtomicInteger partitionsLeft = new AtomicInteger();
  private volatile long leaving;

  /** The layout in which nothing was left to do, and until when that is believed. */
  private @Nullable Quiet quiet;

  private record Quiet(LayoutHistory layout, Deadline until) {}

  /** Settles a key by a slow read. */
  interface Settler {
    void settle(byte[] key, Deadline deadline);
  }

  RegisterTransition(
      String name,
      Placement placement,
      RegisterCopies<V> copies,
      Pulls<V> pulls,
      Settler settler,
      BiPredicate<String, Partition> isComplete) {
    this.name = name;
    this.placement = placement;
    this.copies = copies;
    this.standing = copies.standing();
    this.pulls = pulls;
    this.settler = settler;
    this.isComplete = isComplete;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean ready(Epoch epoch, Partition partition) {
    LayoutHistory layout = placement.layout().orElse(null);
    if (layout == null || !layout.epoch().equals(epoch) || !standing.isMember(partition)) {
      return false;
    }
    return epoch.phase() == LayoutPhase.COPY || isDone(layout, partition);
  }

  @Override
  public long remaining() {
    long left = partitionsLeft.get();
    long mine = Math.max(1, placement.partitions().size() - left);
    return left * Math.max(1, looked.get() / mine);
  }

  @Override
  public long done() {
    return looked.get();
  }

  @Override
  public long leaving() {
    return leaving;
  }

  @Override
  public boolean everywhere() {
    return placement.everywhere();
  }

  @Override
  public long queueLength() {
    return partitionsLeft.get();
  }

  @Override
  public WorkerState step() {
    Optional<LayoutHistory> layout = placement.layout();
    if (layout.isEmpty() || layout.get().current().number() == 0) {
      return new WorkerState.Idle(RECHECK);
    }
    if (quiet != null
        && quiet.layout().equals(layout.get())
        && !quiet.until().expired(pulls.clock())) {
      return new WorkerState.Idle(quiet.until().remaining(pulls.clock())); // or another layout
    }
    try {
      return step(layout.get());
    } catch (GarageException.Stale | GarageException.Unreachable | GarageException.Overloaded e) {
      return new WorkerState.Idle(RECHECK); // another epoch, or another source, the next time
    }
  }

  private WorkerState step(LayoutHistory layout) {
    List<Partition> mine = standing.mine(layout);
    boolean worked = leave(layout, mine);
    Compared compared = new Compared(layout);
    List<Partition> absent = mine.stream().filter(p -> !standing.isMember(p)).toList();
    if (!absent.isEmpty()) {
      partitionsLeft.set(absent.size());
      worked |= new Filling(compared).fill(absent);
    }
    List<Partition> open =
        mine.stream()
            .filter(p -> standing.isMember(p) && standing.isOf(layout.current(), p))
            .filter(p -> !isDone(layout, p))
            .toList();
    if (layout.epoch().phase() != LayoutPhase.COPY && !open.isEmpty()) {
      partitionsLeft.set(open.size());
      worked |= new Verifying(compared).verify(open);
    } else if (absent.isEmpty()) {
      partitionsLeft.set(0);
    }
    if (!worked) {
      compared.failIfAhead();
    }
    boolean nothingLeft = absent.isEmpty() && open.isEmpty() && leaving == 0;
    quiet =
        layout.epoch().isStable() && nothingLeft && !worked
            ? new Quiet(layout, Deadline.after(pulls.clock(), QUIET))
            : null;
    return worked ? new WorkerState.Busy() : new WorkerState.Idle(RECHECK);
  }

  private boolean isDone(LayoutHistory layout, Partition partition) {
    long number = layout.current().number();
    return number <= 1 || standing.state(partition).complete() == number;
  }

  /** Drops what this node holds of partitions it has left, once nobody needs it. */
  private boolean leave(LayoutHistory layout, List<Partition> mine) {
    if (!layout.epoch().isStable()) {
      return false;
    }
    boolean worked = false;
    long held = 0;
    for (Partition partition : placement.partitions()) {
      if (!mine.contains(partition) && holds(partition)) {
        if (isComplete.test(name, partition)) {
          dropAll(partition);
          standing.commit(partition, Standing.State.NONE, new Batch());
          worked = true;
        } else {
          held++;
        }
      }
    }
    leaving = held;
    return worked;
  }

  /** Whether this node holds nothing of any partition. */
  boolean holdsNothing() {
    return placement.partitions().stream().noneMatch(this::holds);
  }

  private boolean holds(Partition partition) {
    return !standing.state(partition).equals(Standing.State.NONE)
        || !copies.index().isEmpty(partition);
  }

  private void dropAll(Partition partition) {
    while (copies.drop(partition) > 0) {
      pace(1);
    }
  }

  /** Leaves as much time to clients as the work took, by its size. */
  private void pace(int rows) {
    pulls.clock().sleep(Duration.ofNanos(1 + rows * 2_000L));
  }

  /** What partitions are compared with in one step. */
  private final class Compared {
    final LayoutHistory layout;
    final long epoch;
    final LayoutVersion sources;
    final Map<NodeId, Map<Partition, PullReply.Surveyed>> answers = new TreeMap<>();
    private GarageException.@Nullable Conflict ahead;

    Compared(LayoutHistory layout) {
      this.layout = layout;
      this.epoch = layout.epoch().number();
      this.sources = layout.previous().orElse(layout.current());
    }

    /** The others of the set that this node is filled from and verified against. */
    List<NodeId> others(Partition partition) {
      return placement.holders(sources, partition).stream()
          .filter(node -> !node.equals(pulls.self()))
          .toList();
    }

    int quorum(Partition partition) {
      int size = placement.holders(sources, partition).size();
      return sources
          .replicaSet(partition)
          .filter(set -> set.nodes().size() == size)
          .map(set -> set.writeQuorum(ConsistencyMode.CONSISTENT))
          .orElse(size / 2 + 1);
    }

    /** How many others must answer before this node may be filled. */
    int needed(Partition partition) {
      return quorum(partition) - (standing.saidNothing(layout, sources, partition) ? 1 : 0);
    }

    void survey(Collection<Partition> partitions) {
      TreeSet<NodeId> nodes = new TreeSet<>();
      partitions.forEach(p -> nodes.addAll(others(p)));
      PartitionSet set = PartitionSet.of(partitions::contains);
      pulls
          .survey(epoch, nodes, set)
          .forEach((node, surveyed) -> {
            Map<Partition, PullReply.Surveyed> of = new TreeMap<>();
            surveyed.forEach(s -> of.put(s.partition(), s));
            answers.put(node, of);
          });
    }

    /** The nodes of the partition's source set that answered for it. */
    List<NodeId> answered(Partition partition) {
      return others(partition).stream()
          .filter(node -> answers.getOrDefault(node, Map.of()).containsKey(partition))
          .toList();
    }

    /** From now on a node whose rows are too far ahead has not answered for the partition. */
    void leaveOut(NodeId node, Partition partition, GarageException.Conflict tooFar) {
      answers.computeIfPresent(
          node,
          (_, said) -> {
            said.remove(partition);
            return said;
          });
      ahead = tooFar;
    }

    /** Says why there may be too few. */
    void failIfAhead() {
      if (ahead != null) {
        throw ahead;
      }
    }

    PullReply.Surveyed said(NodeId node, Partition partition) {
      PullReply.Surveyed said = answers.getOrDefault(node, Map.of()).get(partition);
      if (said == null) {
        throw new IllegalStateException("a node that did not answer was counted");
      }
      return said;
    }

    boolean isEqual(NodeId node, Partition partition) {
      return said(node, partition).root().equals(copies.index().root(partition));
    }
  }

  /** Makes this node a member of partitions it is new to. */
  private final class Filling {
    private final Compared compared;

    Filling(Compared compared) {
      this.compared = compared;
    }

    /** Answers whether there was progress. */
    boolean fill(List<Partition> absent) {
      absent.forEach(this::empty);
      compared.survey(absent);
      boolean worked = false;
      for (Partition partition : absent) {
        worked |= fill(partition);
      }
      return worked;
    }

    /** Takes away what is left of an earlier membership: it may have been collected since. */
    private void empty(Partition partition) {
      long number = compared.layout.current().number();
      if (standing.state(partition).filling() != number && !compared.others(partition).isEmpty()) {
        dropAll(partition);
        standing.commit(partition, new Standing.State(0, number, 0), new Batch());
      }
    }

    private boolean fill(Partition partition) {
      List<NodeId> sources = compared.answered(partition);
      int others = compared.others(partition).size();
      if (sources.size() < Math.min(compared.needed(partition), others)) {
        return false; // the floors of fewer prove nothing
      }
      Timestamp floor = Timestamp.ZERO;
      for (NodeId source : sources) {
        floor = floor.max(compared.said(source, partition).floor());
      }
      if (!sources.isEmpty()) {
        NodeId source = sources.get(partition.number() % sources.size());
        if (!compared.isEqual(source, partition)
            && !new Difference(compared, partition, List.of(source), false).settle()) {
          return fill(partition); // without that one
        }
      }
      copies.join(partition, floor, compared.layout.current().number());
      partitionsLeft.decrementAndGet();
      return true;
    }
  }

  /** Verifies partitions against a quorum of the old set; in STABLE, of the set itself. */
  private final class Verifying {
    private final Compared compared;
    private final boolean joint;

    Verifying(Compared compared) {
      this.compared = compared;
      this.joint = compared.layout.epoch().phase() == LayoutPhase.JOINT;
    }

    boolean verify(List<Partition> open) {
      compared.survey(open);
      if (copies.hasDoors()) {
        adoptDoors();
      }
      if (joint) {
        settlePromised(PartitionSet.of(open::contains));
      }
      boolean worked = false;
      for (Partition partition : open) {
        if (verify(partition)) {
          complete(partition);
          worked = true;
        }
      }
      return worked;
    }

    private boolean verify(Partition partition) {
      List<NodeId> answered = compared.answered(partition);
      boolean old = standing.isOf(compared.sources, partition);
      int needed = compared.quorum(partition) - (old ? 1 : 0);
      if (answered.size() < needed) {
        return false;
      }
      List<NodeId> equal =
          answered.stream().filter(node -> compared.isEqual(node, partition)).toList();
      if (equal.size() < needed && !new Difference(compared, partition, answered, joint).settle()) {
        return verify(partition); // without who was left out
      }
      return true;
    }

    private void complete(Partition partition) {
      long number = compared.layout.current().number();
      if (placement.fence().epoch() != compared.epoch) {
        throw GarageException.Stale.of(placement.fence().epoch());
      }
      standing.commit(partition, new Standing.State(number, 0, number), new Batch());
      partitionsLeft.decrementAndGet();
    }

    /**
     * What was closed by a quorum of the old set, in an epoch before this one, is closed here
     * before this node counts. One that does not tell counts as one that did not answer.
     */
    private void adoptDoors() {
      for (NodeId node : List.copyOf(compared.answers.keySet())) {
        try {
          copies.adopt(pulls.doors(node, compared.epoch));
        } catch (GarageException.Unreachable | GarageException.TimedOut e) {
          compared.answers.remove(node);
        }
      }
    }

    /**
     * Settles every key that this node or one that answered has promised above its ballot. One that
     * does not tell counts as one that did not answer.
     */
    private void settlePromised(PartitionSet open) {
      TreeSet<byte[]> settled = new TreeSet<>(Arrays::compareUnsigned);
      settlePromised(open, null, settled);
      for (NodeId node : List.copyOf(compared.answers.keySet())) {
        try {
          settlePromised(open, node, settled);
        } catch (GarageException.Unreachable | GarageException.TimedOut e) {
          compared.answers.remove(node);
        }
      }
    }

    private void settlePromised(
        PartitionSet open, @Nullable NodeId node, NavigableSet<byte[]> settled) {
      byte[] after = new byte[0];
      while (true) {
        List<byte[]> keys =
            node == null
                ? copies.promised(open, after)
                : pulls.promised(node, new PullMessage.Promised(compared.epoch, open, after));
        if (keys.isEmpty()) {
          return;
        }
        for (byte[] key : keys) {
          if (settled.add(key)) {
            settleNow(Arrays.copyOfRange(key, 1, key.length));
          }
        }
        while (settled.size() > SETTLED_MAX) {
          settled.pollFirst();
        }
        after = keys.getLast();
      }
    }
  }

  private void settleNow(byte[] key) {
    settler.settle(key, Deadline.after(pulls.clock(), SETTLE_MAX));
    looked.incrementAndGet();
  }

  /** One partition that is not the same here and on all the nodes it is compared with. */
  private final class Difference {
    private final Compared compared;
    private final Partition partition;
    private final List<NodeId> nodes;
    private final boolean strict;

    /**
     * @param strict whether a row must be exactly what the nodes show, or is to be settled
     */
    Difference(Compared compared, Partition partition, List<NodeId> nodes, boolean strict) {
      this.compared = compared;
      this.partition = partition;
      this.nodes = nodes;
      this.strict = strict;
    }

    /** Answers false if a node was left out meanwhile, whose rows are too far ahead. */
    boolean settle() {
      List<Integer> slots = differing();
      for (int i = 0; i < slots.size(); i += SLOTS_AT_ONCE) {
        settle(slots.subList(i, Math.min(slots.size(), i + SLOTS_AT_ONCE)));
        if (!compared.answered(partition).containsAll(nodes)) {
          return false;
        }
      }
      return true;
    }

    /** The slots that are not the same here and on every node. Our own sums are read first. */
    private List<Integer> differing() {
      long[] own = copies.index().sums(partition);
      TreeSet<Integer> slots = new TreeSet<>();
      for (NodeId node : nodes) {
        List<Long> theirs = pulls.sums(node, new PullMessage.Sums(compared.epoch, partition));
        for (int slot = 0; slot < own.length; slot++) {
          if (theirs.get(slot) != own[slot]) {
            slots.add(slot);
          }
        }
      }
      return List.copyOf(slots);
    }

    private void settle(List<Integer> slots) {
      Map<byte[], List<Shown>> rows = new TreeMap<>(Arrays::compareUnsigned);
      for (NodeId node : nodes) {
        var wanted =
            new PullMessage.Rows(
                compared.epoch, partition, slots, new MerkleIndex.Position(0, null));
        for (PullReply.Row<V> row : pulls.rows(node, wanted)) {
          rows.computeIfAbsent(row.key(), _ -> new ArrayList<>())
              .add(new Shown(node, row.promise(), row.ballot()));
        }
      }
      if (strict) {
        addOwn(slots, rows);
      }
      take(rows);
      looked.addAndGet(rows.size());
      pace(rows.size());
    }

    /** Rows that only this node has are to be settled, too. */
    private void addOwn(List<Integer> slots, Map<byte[], List<Shown>> rows) {
      for (int slot : slots) {
        var position = new MerkleIndex.Position(slot, null);
        copies
            .index()
            .leaves(partition, position, Integer.MAX_VALUE)
            .forEach(leaf -> rows.computeIfAbsent(leaf.rowKey(), _ -> new ArrayList<>()));
      }
    }

    private void take(Map<byte[], List<Shown>> rows) {
      Map<NodeId, List<byte[]>> wanted = new TreeMap<>();
      List<byte[]> unclear = new ArrayList<>();
      rows.forEach((key, shown) -> {
        Timestamp mine = copies.row(key).ballot();
        Shown newest = shown.stream().max((a, b) -> a.ballot().compareTo(b.ballot())).orElse(null);
        if (newest != null && newest.ballot().isAfter(mine)) {
          wanted.computeIfAbsent(newest.node(), _ -> new ArrayList<>()).add(key);
        }
        Timestamp ballot = newest == null ? Timestamp.ZERO : newest.ballot();
        if (strict && (mine.isAfter(ballot) || isPromisedAbove(ballot, shown))) {
          unclear.add(key);
        }
      });
      wanted.forEach((node, keys) -> unclear.addAll(fetch(node, keys)));
      if (strict) {
        unclear.forEach(RegisterTransition.this::settleNow);
      }
    }

    /** Where a row is missing, the floor is what was promised. */
    private boolean isPromisedAbove(Timestamp ballot, List<Shown> shown) {
      for (NodeId node : nodes) {
        Timestamp promise =
            shown.stream()
                .filter(s -> s.node().equals(node))
                .map(Shown::promise)
                .findFirst()
                .orElseGet(() -> compared.said(node, partition).floor());
        if (promise.isAfter(ballot)) {
          return true;
        }
      }
      return false;
    }

    /** Takes rows from a node; answers those that are promised to somebody here. */
    private List<byte[]> fetch(NodeId node, List<byte[]> keys) {
      List<byte[]> refused = new ArrayList<>();
      int from = 0;
      while (from < keys.size()) {
        List<byte[]> some = keys.subList(from, Math.min(keys.size(), from + FETCH_KEYS));
        List<PullReply.Row<V>> rows =
            pulls.fetch(node, new PullMessage.Fetch(compared.epoch, some));
        try {
          refused.addAll(copies.take(rows));
        } catch (GarageException.Conflict e) {
          compared.leaveOut(node, partition, e);
          return refused;
        }
        from += rows.isEmpty() ? some.size() : Math.min(some.size(), rows.size());
        pace(rows.size());
      }
      return refused;
    }
  }

  /** A row as one node showed it. */
  private record Shown(NodeId node, Timestamp promise, Timestamp ballot) {}
}
