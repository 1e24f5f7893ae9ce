package garage.block;

import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Anti-entropy of references: every partition this node keeps or is to keep is brought together
 * with each of its other replicas, at once in a new epoch and then every few minutes. What is equal
 * costs 8 bytes of a message; partitions that are not are gone through one by one.
 *
 * <p>It also knows which partitions have been brought together in the present epoch, and with whom:
 * what a change of layout needs before this node may count, what must be known before a block that
 * nothing refers to is an orphan, and before a copy that is left over may go.
 */
final class ReferenceSync implements Worker {
  /** From the end of one round to the begin of the next. */
  static final Duration ROUND_EVERY = Duration.ofMinutes(10);

  /** The next round, if some replica could not be reached in the last one. */
  static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  /** The next round while a layout is being changed, for those not reached. */
  private static final Duration RETRY_IN_CHANGE = Duration.ofSeconds(2);

  /** From a connection to the comparison: what else it brings may come first. */
  private static final Duration SETTLE = Duration.ofSeconds(2);

  /** How soon a new epoch is noticed. */
  private static final Duration RECHECK = Duration.ofSeconds(1);

  /** Partitions asked about at once: a peer computes their roots from 256 sums each. */
  private static final int TOGETHER = 32;

  private static final Logger log = LoggerFactory.getLogger(ReferenceSync.class);

  private final BlockPeers peers;
  private final ReferenceExchange exchange;
  private final ReferenceTenure tenure;
  private final Gate gate;
  private final List<Synced> synced = new ArrayList<>();
  private long epoch = -1;
  private int next;
  private boolean incomplete;
  private boolean onceComplete;

  /** When those not reached are tried again. */
  private Deadline roundDue = Deadline.NEVER;

  private Deadline fullRoundDue;

  /** With whom a partition was brought together, in the present epoch. */
  private static final class Synced {
    private final Set<NodeId> with = new TreeSet<>();

    /** Those whose rows were the same the last time. */
    private final Set<NodeId> equal = new TreeSet<>();

    /** Those reached in the present round; a retry asks the others only. */
    private final Set<NodeId> reached = new TreeSet<>();
  }

  ReferenceSync(BlockPeers peers, ReferenceExchange exchange, ReferenceTenure tenure) {
    this.peers = peers;
    this.tenure = tenure;
    this.exchange = exchange;
    this.gate = new Gate(peers.clock());
    this.fullRoundDue = Deadline.after(peers.clock(), Duration.ZERO);
    this.next = Partition.COUNT;
    forget();
  }

  private void forget() {
    synced.clear();
    for (int i = 0; i < Partition.COUNT; i++) {
      synced.add(new Synced());
    }
  }

  @Override
  public String name() {
    return "block reference sync";
  }

  @Override
  public long queueLength() {
    return gate.locked(() -> (long) Partition.COUNT - next);
  }

  /**
   * Whether every partition of this node was brought together once since the process began: at once
   * where it has none.
   */
  boolean onceComplete() {
    return gate.locked(() -> onceComplete);
  }

  /** Has everything compared again now. */
  void restart() {
    gate.update(this::beginRound);
  }

  /** A replica is there again: what it missed need not wait for the next round. */
  void connected(NodeId peer) {
    gate.update(() -> {
      synced.forEach(partition -> partition.reached.remove(peer));
      incomplete = true;
      roundDue = next == Partition.COUNT ? Deadline.after(peers.clock(), SETTLE) : roundDue;
    });
  }

  private void beginRound() {
    next = 0;
    incomplete = false;
    fullRoundDue = Deadline.after(peers.clock(), ROUND_EVERY);
    synced.forEach(partition -> partition.reached.clear());
  }

  /**
   * Whether this node has, in {@code inEpoch}, learnt what a quorum of the oldest group that counts
   * knows of the partition: every reference that was ever acknowledged.
   */
  boolean isLearnt(long inEpoch, Partition partition) {
    BlockPlacement.Group old = peers.placement().replicas(partition).counting().getFirst();
    return gate.locked(() -> {
      Set<NodeId> with = synced.get(partition.number()).with;
      long known =
          old.nodes().stream().filter(n -> n.equals(peers.self()) || with.contains(n)).count();
      return epoch == inEpoch && known >= readQuorum(old);
    });
  }

  /** So many nodes include one of every write quorum. */
  private static int readQuorum(BlockPlacement.Group group) {
    int size = group.nodes().size();
    return Math.min(size - group.writeQuorum() + 1, size / 2 + 1);
  }

  /** Whether all other replicas of the partition were found to have the same rows. */
  boolean isEqualEverywhere(long inEpoch, Partition partition) {
    Set<NodeId> others = others(peers.placement().replicas(partition));
    return gate.locked(
        () -> epoch == inEpoch && synced.get(partition.number()).equal.containsAll(others));
  }

  @Override
  public WorkerState step() {
    long now = peers.fence().epoch();
    boolean working =
        gate.locked(() -> {
          if (epoch != now) {
            epoch = now;
            forget();
            beginRound();
          } else if (next == Partition.COUNT && roundDue.expired(peers.clock())) {
            next = 0;
            incomplete = false;
          } else if (next == Partition.COUNT && fullRoundDue.expired(peers.clock())) {
            beginRound();
          }
          return next < Partition.COUNT;
        });
    if (!working || !hasLayout()) {
      return new WorkerState.Idle(RECHECK);
    }
    Partition partition = Partition.of(gate.locked(() -> next));
    if (partition.number() % TOGETHER == 0) {
      compareFrom(partition, now);
    }
    boolean complete = sync(now, partition);
    gate.update(() -> advance(now, complete));
    return new WorkerState.Busy();
  }

  private boolean hasLayout() {
    try {
      return !peers.placement().replicas(Partition.of(0)).all().isEmpty();
    } catch (GarageException.QuorumNotReached e) {
      return false;
    }
  }

  private void advance(long inEpoch, boolean complete) {
    if (epoch != inEpoch || next == Partition.COUNT) {
      return;
    }
    incomplete |= !complete;
    next++;
    if (next == Partition.COUNT) {
      Duration retry = peers.placement().isStable() ? RETRY_AFTER : RETRY_IN_CHANGE;
      roundDue = incomplete ? Deadline.after(peers.clock(), retry) : Deadline.NEVER;
      onceComplete |= !incomplete;
    }
  }

  /** Asks each replica which of the next partitions are equal, and notes those that are. */
  private void compareFrom(Partition first, long inEpoch) {
    Map<NodeId, Set<Partition>> open = new TreeMap<>();
    for (int i = first.number(); i < first.number() + TOGETHER; i++) {
      Partition partition = Partition.of(i);
      BlockPlacement.Replicas replicas = peers.placement().replicas(partition);
      if (replicas.includes(peers.self()) && !tenure.isStale(partition)) {
        unreached(partition, others(replicas))
            .forEach(peer -> open.computeIfAbsent(peer, _ -> new HashSet<>()).add(partition));
      }
    }
    open.forEach(
        (peer, partitions) -> compare(inEpoch, peer, PartitionSet.of(partitions::contains)));
  }

  private void compare(long inEpoch, NodeId peer, PartitionSet partitions) {
    try {
      PartitionSet equal = exchange.equal(peer, inEpoch, partitions);
      equal.all().forEach(partition -> note(inEpoch, partition, peer, true));
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) { // they are tried one by one
      log.debug("References not compared with {}: {}", peer.shortHex(), e.getMessage());
    }
  }

  /** Brings one partition together with its other replicas; answers whether all were reached. */
  private boolean sync(long inEpoch, Partition partition) {
    BlockPlacement.Replicas replicas = peers.placement().replicas(partition);
    if (!replicas.includes(peers.self())) {
      return true;
    }
    tenure.takeAwayStale(partition);
    boolean all = true;
    for (NodeId peer : unreached(partition, others(replicas))) {
      all &= sync(inEpoch, partition, peer);
    }
    return all;
  }

  private boolean sync(long inEpoch, Partition partition, NodeId peer) {
    try {
      note(inEpoch, partition, peer, exchange.with(peer, inEpoch, partition));
      return true;
    } catch (GarageException.Unreachable
        | GarageException.TimedOut
        | GarageException.Stale
        | GarageException.Overloaded
        | GarageException.Conflict e) {
      log.debug("References of {} not with {}: {}", partition, peer.shortHex(), e.getMessage());
      return false;
    }
  }

  private void note(long inEpoch, Partition partition, NodeId peer, boolean equal) {
    gate.update(() -> {
      if (epoch == inEpoch) {
        Synced now = synced.get(partition.number());
        now.with.add(peer);
        now.reached.add(peer);
        var _ = equal ? now.equal.add(peer) : now.equal.remove(peer);
      }
    });
  }

  private List<NodeId> unreached(Partition partition, Set<NodeId> nodes) {
    return gate.locked(() -> {
      Set<NodeId> reached = synced.get(partition.number()).reached;
      return nodes.stream().filter(node -> !reached.contains(node)).toList();
    });
  }

  private Set<NodeId> others(BlockPlacement.Replicas replicas) {
    Set<NodeId> others = new TreeSet<>(replicas.all());
    others.remove(peers.self());
    return others;
  }
}
