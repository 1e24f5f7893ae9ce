package garage.table.sync;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One table's side of becoming equal to other replicas: answers their questions, asks this node's,
 * and remembers with whom each partition was found or made equal in the present epoch.
 */
public final class RowSync {
  /** Leaves in one answer: with long keys still less than 2 MiB. */
  static final int LEAVES_MAX = 1_500;

  /** Rows in one message, in bytes, a single larger row excepted. */
  static final int PAGE_BYTES = 1 << 20;

  /** A background call gives up after this, and the peer is tried again later. */
  private static final Duration CALL_MAX = Duration.ofSeconds(30);

  private final SyncedRows rows;
  private final Rpc rpc;
  private final Placement placement;
  private final HybridClock hybrid;
  private final Clock clock;
  private final Endpoint<SyncMessage, SyncReply> endpoint;

  private final ReentrantLock lock = new ReentrantLock();
  private final TreeMap<Partition, Set<NodeId>> equal = new TreeMap<>();
  private long equalIn;

  /** What it stands on. */
  public record Context(Rpc rpc, Placement placement, HybridClock hybrid, Clock clock) {}

  /** Answers other replicas from now on. */
  public RowSync(SyncedRows rows, Context context) {
    this.rows = rows;
    this.rpc = context.rpc();
    this.placement = context.placement();
    this.hybrid = context.hybrid();
    this.clock = context.clock();
    this.endpoint = new Endpoint<>("sync/" + rows.name(), SyncMessage.CODEC, SyncReply.CODEC);
    rpc.serve(endpoint, (from, request, _) -> Payload.of(answer(from, request.value())));
  }

  /** The table's name. */
  public String name() {
    return rows.name();
  }

  /** Where its rows are. */
  public Placement placement() {
    return placement;
  }

  /** The digests of its rows here. */
  public MerkleIndex index() {
    return rows.index();
  }

  /** The other replicas of {@code partition} that count; empty if it is not kept here. */
  public List<NodeId> peers(Partition partition) {
    Replicas replicas = placement.replicas(partition);
    if (!replicas.receives(rpc.self())) {
      return List.of();
    }
    List<NodeId> peers = new ArrayList<>(replicas.all());
    peers.remove(rpc.self());
    return peers;
  }

  /** Whether this node is a replica of the partition, or becomes one. */
  boolean isKept(Partition partition) {
    return placement.replicas(partition).receives(rpc.self());
  }

  /** With whom the partition was found or made equal since {@code epoch} began. */
  public Set<NodeId> equalTo(long epoch, Partition partition) {
    lock.lock();
    try {
      Set<NodeId> known = equalIn == epoch ? equal.get(partition) : null;
      return known == null ? Set.of() : Set.copyOf(known);
    } finally {
      lock.unlock();
    }
  }

  /** This node has been equal to {@code peer} in these partitions at some time of the epoch. */
  void noteEqual(long epoch, List<Partition> partitions, NodeId peer) {
    lock.lock();
    try {
      if (equalIn != epoch) {
        equal.clear();
        equalIn = epoch;
      }
      for (Partition partition : partitions) {
        equal.computeIfAbsent(partition, _ -> new LinkedHashSet<>()).add(peer);
      }
    } finally {
      lock.unlock();
    }
  }

  // --- asking

  SyncedRows rows() {
    return rows;
  }

  List<Hash> roots(NodeId peer, long epoch, List<Partition> partitions) {
    if (ask(peer, new SyncMessage.Roots(epoch, partitions)) instanceof SyncReply.Roots(var all)
        && all.size() == partitions.size()) {
      return all;
    }
    throw unexpected(peer);
  }

  SyncReply.Sums sums(NodeId peer, long epoch, Partition partition) {
    if (ask(peer, new SyncMessage.Sums(epoch, partition)) instanceof SyncReply.Sums sums) {
      return sums;
    }
    throw unexpected(peer);
  }

  SyncReply.Leaves leaves(NodeId peer, SyncMessage.Leaves message) {
    if (ask(peer, message) instanceof SyncReply.Leaves leaves) {
      return leaves;
    }
    throw unexpected(peer);
  }

  SyncReply.Rows fetch(NodeId peer, SyncMessage.Fetch message) {
    if (ask(peer, message) instanceof SyncReply.Rows found) {
      return found;
    }
    throw unexpected(peer);
  }

  List<byte[]> push(NodeId peer, SyncMessage.Push message) {
    if (ask(peer, message) instanceof SyncReply.Refused(List<byte[]> keys)) {
      return keys;
    }
    throw unexpected(peer);
  }

  boolean settled(NodeId peer, long epoch, Partition partition) {
    return ask(peer, new SyncMessage.Settled(epoch, partition)) instanceof SyncReply.Settled s
        && s.yes();
  }

  /** A time before whatever is read after it. */
  Timestamp now() {
    return hybrid.now();
  }

  /** The end of a call made now. */
  Deadline callEnd() {
    return Deadline.after(clock, CALL_MAX);
  }

  /**
   * Throws unless this node is still in {@code epoch}.
   *
   * @throws GarageException.Stale if it has moved on
   */
  void check(long epoch) {
    placement.fence().check(epoch, null);
  }

  private SyncReply ask(NodeId peer, SyncMessage message) {
    try {
      return rpc.call(peer, endpoint, message, new CallOptions(Priority.BACKGROUND, callEnd()));
    } catch (GarageException.Stale e) {
      placement.fence().adopt(e.epoch(), peer);
      throw e;
    }
  }

  private static GarageException unexpected(NodeId peer) {
    return new GarageException.Corrupt(peer.shortHex() + " answered something else than asked");
  }

  // --- answering

  private SyncReply answer(@Nullable NodeId from, SyncMessage message) {
    placement.fence().check(message.epoch(), from);
    SyncReply reply =
        switch (message) {
          case SyncMessage.Roots(long _, List<Partition> partitions) ->
              new SyncReply.Roots(partitions.stream().map(index()::root).toList());
          case SyncMessage.Sums(long _, Partition partition) ->
              new SyncReply.Sums(rows.floor(partition), index().sums(partition));
          case SyncMessage.Leaves leaves -> leaves(leaves);
          case SyncMessage.Fetch(long _, Partition _, Timestamp at, List<byte[]> keys) -> {
            hybrid.observe(at);
            yield new SyncReply.Rows(hybrid.now(), rows.copies(keys, PAGE_BYTES));
          }
          case SyncMessage.Push(long _, Partition partition, Timestamp at, List<RowCopy> copies) ->
              new SyncReply.Refused(rows.merge(partition, copies, at));
          case SyncMessage.Settled(long epoch, Partition partition) ->
              new SyncReply.Settled(equalTo(epoch, partition).containsAll(peers(partition)));
        };
    placement.fence().check(message.epoch(), from);
    return reply;
  }

  private SyncReply leaves(SyncMessage.Leaves message) {
    List<MerkleIndex.Leaf> found = new ArrayList<>();
    byte @Nullable [] after = message.after();
    for (int slot : message.slots()) {
      if (slot < 0 || slot >= MerkleIndex.SLOTS) {
        throw new GarageException.Corrupt("not a slot: " + slot);
      }
      var position = new MerkleIndex.Position(slot, after);
      after = null;
      found.addAll(index().leaves(message.partition(), position, LEAVES_MAX - found.size()));
      if (found.size() == LEAVES_MAX) {
        return new SyncReply.Leaves(found, false);
      }
    }
    return new SyncReply.Leaves(found, true);
  }
}
