package garage.table.register;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.LayoutHistory;
import garage.layout.LayoutVersion;
import garage.layout.Partition;
import garage.table.replication.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * For which partitions this node may answer as a replica of one family of registers: durably.
 *
 * <p>A node is a member of a partition if it was of its set in the first layout, or took the
 * partition over in a later one - emptied, filled, and given the floor of those it was filled from
 * - and has been of every set since. One that is not, although the layout names it, has forgotten
 * what the protocol relies on a replica to remember and refuses to answer: that is one replica
 * less, never a wrong answer.
 */
final class Standing {
  private final Placement placement;
  private final Store store;
  private final Tree tree;
  private final NodeId self;
  private final AtomicReferenceArray<State> states = new AtomicReferenceArray<>(Partition.COUNT);
  private volatile @Nullable Members members;

  /**
   * What is kept of one partition.
   *
   * @param member the layout version up to which this node is known to be a member; 0 for none
   * @param filling the version for which the partition was emptied to be filled; 0 for none
   * @param complete the version for which everything is known to be here; 0 for none
   */
  record State(long member, long filling, long complete) {
    static final State NONE = new State(0, 0, 0);
  }

  /** Who is a member in one epoch. */
  private record Members(long epoch, boolean[] of) {}

  /** {@code tree} also holds the floors, under keys of one byte. */
  Standing(Placement placement, Store store, Tree tree, NodeId self) {
    this.placement = placement;
    this.store = store;
    this.tree = tree;
    this.self = self;
    for (Partition partition : Partition.all()) {
      byte[] value = store.get(tree, key(partition));
      states.set(partition.number(), value == null ? State.NONE : read(value));
    }
  }

  /**
   * Refuses to answer for a partition that this node does not count in.
   *
   * @throws GarageException.Overloaded until it does
   */
  void checkMember(Partition partition) {
    if (!isMember(partition)) {
      throw new GarageException.Overloaded("partition " + partition + " is still being filled");
    }
  }

  /** Whether this node may answer for {@code partition}. */
  boolean isMember(Partition partition) {
    Optional<LayoutHistory> layout = placement.layout();
    if (layout.isEmpty()) {
      return true;
    }
    Members now = members;
    if (now == null || now.epoch() != layout.get().epoch().number()) {
      now = members(layout.get());
      members = now;
    }
    return now.of()[partition.number()];
  }

  State state(Partition partition) {
    return states.get(partition.number());
  }

  /** Changes what is kept, in {@code batch}, which is committed here. */
  void commit(Partition partition, State state, Batch batch) {
    byte[] value =
        new Writer(16)
            .varint(state.member())
            .varint(state.filling())
            .varint(state.complete())
            .toBytes();
    store.commit(batch.put(tree, key(partition), value));
    states.set(partition.number(), state);
    members = null;
  }

  /** The partitions this node is to hold: of a set that counts or is being filled. */
  List<Partition> mine(LayoutHistory layout) {
    List<Partition> mine = new ArrayList<>();
    for (Partition partition : placement.partitions()) {
      if (layout.live().stream().anyMatch(version -> isOf(version, partition))) {
        mine.add(partition);
      }
    }
    return mine;
  }

  /**
   * Whether this node, which is no member, is of the set of {@code version} and has certainly said
   * nothing as a replica of it: a version is known that left it out since it was a member last.
   * Where there is none it may have answered, and have ceased to be a member only because what it
   * was is forgotten.
   */
  boolean saidNothing(LayoutHistory layout, LayoutVersion version, Partition partition) {
    long member = state(partition).member();
    return isOf(version, partition)
        && layout.versions().stream()
            .anyMatch(
                v -> v.number() > member && v.number() < version.number() && !isOf(v, partition));
  }

  boolean isOf(LayoutVersion version, Partition partition) {
    return placement.holders(version, partition).contains(self);
  }

  private Members members(LayoutHistory layout) {
    boolean[] of = new boolean[Partition.COUNT];
    for (Partition partition : placement.partitions()) {
      of[partition.number()] = isMember(layout, partition);
    }
    return new Members(layout.epoch().number(), of);
  }

  private boolean isMember(LayoutHistory layout, Partition partition) {
    long member = state(partition).member();
    long current = layout.current().number();
    if (member == current) {
      return true;
    }
    long upTo = layout.epoch().isStable() ? current : current - 1;
    for (long number = member + 1; number <= upTo; number++) {
      long wanted = number;
      boolean was =
          layout.versions().stream()
              .anyMatch(version -> version.number() == wanted && isOf(version, partition));
      if (!was) {
        return false;
      }
    }
    return upTo > 0;
  }

  private static State read(byte[] value) {
    Reader in = new Reader(value);
    return new State(in.varint(), in.varint(), in.varint());
  }

  private static byte[] key(Partition partition) {
    return new byte[] {(byte) partition.number(), 1};
  }
}
