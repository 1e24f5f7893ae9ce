package garage.table.sync;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes one partition of one table equal here and at one peer: the sums of all slots in one round
 * trip, the leaves of the slots that differ in pages, then the rows themselves, first theirs to
 * here, then what they lack. Each {@link #step} is bounded. The rows may change meanwhile: what it
 * has found equal once, later writes bring to both.
 *
 * <p>A row that neither takes from the other (a promise or a floor forbids it) is settled by its
 * table and looked at again, a few times; then it is left to the next walk.
 */
final class Walk {
  /** Slots compared in one step; with a hundred rows each about a page of leaves. */
  private static final int SLOTS_PER_STEP = 16;

  /** How often slots are gone over again because of rows that had to be settled. */
  private static final int ROUNDS_MAX = 4;

  private final RowSync sync;
  private final NodeId peer;
  private final Partition partition;
  private final long epoch;
  private @Nullable List<Integer> left;
  private TreeSet<Integer> unsettled = new TreeSet<>();
  private byte @Nullable [] after;
  private int rounds;
  private long exchanged;

  Walk(RowSync sync, NodeId peer, Partition partition, long epoch) {
    this.sync = sync;
    this.peer = peer;
    this.partition = partition;
    this.epoch = epoch;
  }

  /** How many rows went over the wire so far. */
  long exchanged() {
    return exchanged;
  }

  /**
   * Goes on; answers whether the two have been equal, row by row, since the walk began.
   *
   * @throws GarageException if the peer does not answer, the epoch ended, or rows do not settle
   */
  boolean step() {
    if (left == null) {
      left = differing();
    } else if (!left.isEmpty()) {
      compare(left.subList(0, Math.min(SLOTS_PER_STEP, left.size())));
    }
    if (!left.isEmpty()) {
      return false;
    }
    if (unsettled.isEmpty()) {
      sync.check(epoch);
      return true;
    }
    if (++rounds >= ROUNDS_MAX) {
      throw new GarageException.Conflict(
          "rows of %s in partition %s do not settle with %s"
              .formatted(sync.name(), partition, peer.shortHex()));
    }
    left = new ArrayList<>(unsettled);
    unsettled = new TreeSet<>();
    return false;
  }

  private List<Integer> differing() {
    SyncReply.Sums theirs = sync.sums(peer, epoch, partition);
    sync.rows().raiseFloor(partition, theirs.floor());
    long[] ours = sync.index().sums(partition);
    List<Integer> slots = new ArrayList<>();
    for (int slot = 0; slot < MerkleIndex.SLOTS; slot++) {
      if (ours[slot] != theirs.sums()[slot]) {
        slots.add(slot);
      }
    }
    return slots;
  }

  private void compare(List<Integer> slots) {
    SyncReply.Leaves page =
        sync.leaves(peer, new SyncMessage.Leaves(epoch, partition, slots, after));
    List<MerkleIndex.Leaf> leaves = page.leaves();
    int seen = slots.size();
    byte @Nullable [] last = null;
    if (!page.complete()) {
      if (leaves.isEmpty()) {
        throw new GarageException.Corrupt(peer.shortHex() + " shows no leaf, and says more follow");
      }
      last = leaves.getLast().rowKey();
      seen = slots.indexOf(MerkleIndex.slot(last));
      if (seen < 0) {
        throw new GarageException.Corrupt(peer.shortHex() + " shows a leaf of another slot");
      }
    }
    exchange(byKey(leaves), ours(slots.subList(0, last == null ? seen : seen + 1), last));
    after = last;
    left = new ArrayList<>(all().subList(seen, all().size()));
  }

  private List<Integer> all() {
    return left == null ? List.of() : left;
  }

  /** This node's leaves of these slots, from where the page began to where it ended. */
  private Map<byte[], Long> ours(List<Integer> slots, byte @Nullable [] last) {
    TreeMap<byte[], Long> found = new TreeMap<>(Arrays::compareUnsigned);
    byte @Nullable [] from = after;
    for (int slot : slots) {
      List<MerkleIndex.Leaf> page;
      do {
        page =
            sync.index()
                .leaves(partition, new MerkleIndex.Position(slot, from), RowSync.LEAVES_MAX);
        page.forEach(leaf -> found.put(leaf.rowKey(), leaf.digest()));
        from = page.isEmpty() ? null : page.getLast().rowKey();
      } while (page.size() == RowSync.LEAVES_MAX);
      from = null;
    }
    if (last != null) {
      int lastSlot = MerkleIndex.slot(last);
      found
          .keySet()
          .removeIf(
              key -> MerkleIndex.slot(key) == lastSlot && Arrays.compareUnsigned(key, last) > 0);
    }
    return found;
  }

  private void exchange(Map<byte[], Long> theirs, Map<byte[], Long> ours) {
    List<byte[]> wanted = new ArrayList<>();
    for (Map.Entry<byte[], Long> leaf : theirs.entrySet()) {
      if (!leaf.getValue().equals(ours.get(leaf.getKey()))) {
        wanted.add(leaf.getKey());
      }
    }
    List<byte[]> refusedHere = pull(wanted);
    List<byte[]> offered = new ArrayList<>();
    for (Map.Entry<byte[], Long> leaf : ours.entrySet()) {
      if (!leaf.getValue().equals(theirs.get(leaf.getKey()))) {
        offered.add(leaf.getKey());
      }
    }
    for (byte[] key : wanted) {
      if (!ours.containsKey(key)) {
        offered.add(key); // what came of it here may be more than what they sent
      }
    }
    offered.removeIf(key -> isEqual(key, theirs.get(key)));
    settle(push(offered), refusedHere, ours);
  }

  /** Rows refused there, and rows that only they have and that were refused here. */
  private void settle(List<byte[]> there, List<byte[]> here, Map<byte[], Long> ours) {
    List<byte[]> stuck = new ArrayList<>(there);
    here.stream().filter(key -> !ours.containsKey(key)).forEach(stuck::add);
    for (byte[] key : stuck) {
      sync.rows().settle(key, sync.callEnd());
      unsettled.add(MerkleIndex.slot(key));
    }
  }

  private boolean isEqual(byte[] key, @Nullable Long theirs) {
    return theirs != null && sync.index().digest(partition, key) == theirs;
  }

  private List<byte[]> pull(List<byte[]> keys) {
    List<byte[]> refused = new ArrayList<>();
    TreeSet<byte[]> rest = new TreeSet<>(Arrays::compareUnsigned);
    rest.addAll(keys);
    while (!rest.isEmpty()) {
      SyncReply.Rows page =
          sync.fetch(peer, new SyncMessage.Fetch(epoch, partition, sync.now(), List.copyOf(rest)));
      if (page.rows().isEmpty()) {
        break; // all the others are gone meanwhile
      }
      sync.check(epoch);
      refused.addAll(sync.rows().merge(partition, page.rows(), page.at()));
      exchanged += page.rows().size();
      byte[] last = page.rows().getLast().key();
      rest = new TreeSet<>(rest.tailSet(last, false));
    }
    return refused;
  }

  private List<byte[]> push(List<byte[]> keys) {
    List<byte[]> refused = new ArrayList<>();
    TreeSet<byte[]> rest = new TreeSet<>(Arrays::compareUnsigned);
    rest.addAll(keys);
    while (!rest.isEmpty()) {
      Timestamp at = sync.now();
      List<RowCopy> page = sync.rows().copies(List.copyOf(rest), RowSync.PAGE_BYTES);
      if (page.isEmpty()) {
        break;
      }
      refused.addAll(sync.push(peer, new SyncMessage.Push(epoch, partition, at, page)));
      exchanged += page.size();
      rest = new TreeSet<>(rest.tailSet(page.getLast().key(), false));
    }
    return refused;
  }

  private static Map<byte[], Long> byKey(List<MerkleIndex.Leaf> leaves) {
    TreeMap<byte[], Long> map = new TreeMap<>(Arrays::compareUnsigned);
    leaves.forEach(leaf -> map.put(leaf.rowKey(), leaf.digest()));
    return map;
  }
}
