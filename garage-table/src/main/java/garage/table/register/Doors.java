package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.env.Clock;
import garage.common.id.Bytes32;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The groups of registers - the objects of a bucket - that take no new versions on this node: for a
 * moment, while who deletes the bucket makes sure that it is empty, or for good, once it is gone. A
 * group is what the first {@link #GROUP_BYTES} bytes of a key say.
 *
 * <p>Invariant: once a door is closed and the replica's row locks have been drained, this node
 * answers no coordinator of a new version yes, and gives it no promise. What was accepted before
 * may be written back, brought to other replicas and taken over with a change of layout. A door is
 * durable before anybody is told that it is closed, and opened by nobody but who knows that its
 * attempt has not deleted the group ({@link DoorRounds}).
 *
 * <p>Where no door is closed, looking costs one read of an empty map.
 */
public final class Doors {
  /** The tree of the doors: the group; its door. */
  public static final String TREE = "door";

  /** What two keys of one group share. */
  static final int GROUP_BYTES = Bytes32.LENGTH;

  private final Store store;
  private final Tree tree;
  private final Clock clock;
  private final ReentrantLock changing = new ReentrantLock();
  private final ConcurrentSkipListMap<Bytes32, Door> doors = new ConcurrentSkipListMap<>();
  private final DoorSightings sightings = new DoorSightings();

  /**
   * A closed door.
   *
   * @param attempt which attempt to delete the group closed it, the latest if there were several
   * @param gone whether the group is deleted for certain
   * @param sinceMillis when it was closed here, or the group was known here to be gone
   * @param swept whether what may have been left over in a group that is gone was taken away
   */
  public record Door(Timestamp attempt, boolean gone, long sinceMillis, boolean swept) {
    private static final Codec<Door> CODEC =
        Codec.of(
            (out, d) ->
                out.value(d.attempt, Timestamp.CODEC).bool(d.gone).i64(d.sinceMillis).bool(d.swept),
            in -> new Door(in.value(Timestamp.CODEC), in.bool(), in.i64(), in.bool()));
  }

  /** A group and its door. */
  public record Closed(Bytes32 group, Door door) {
    static final Codec<Closed> CODEC =
        Codec.of(
            (out, c) -> out.bytes32(c.group).value(c.door, Door.CODEC),
            in -> new Closed(in.bytes32(), in.value(Door.CODEC)));
  }

  /** Reads them: what was closed before a crash is closed after it. */
  public Doors(Store store, Clock clock) {
    this.store = store;
    this.tree = store.tree(TREE);
    this.clock = clock;
    try (Scan scan = store.scan(tree, KeyRange.all())) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        doors.put(Bytes32.of(row.key()), new Reader(row.value()).value(Door.CODEC));
      }
    }
  }

  /** The closed doors this node was told of by replicas. */
  public DoorSightings sightings() {
    return sightings;
  }

  /** The door of the group of {@code key}; null if it is open. */
  @Nullable Door of(byte[] key) {
    return doors.isEmpty() || key.length < GROUP_BYTES
        ? null
        : doors.get(Bytes32.of(key, 0, GROUP_BYTES));
  }

  /** Every closed door, in the order of groups. */
  public List<Closed> closed() {
    return doors.entrySet().stream().map(e -> new Closed(e.getKey(), e.getValue())).toList();
  }

  /** Up to {@code max} closed doors after {@code after}; null for the first. */
  List<Closed> closed(@Nullable Bytes32 after, int max) {
    var rest = after == null ? doors : doors.tailMap(after, false);
    return rest.entrySet().stream()
        .limit(max)
        .map(e -> new Closed(e.getKey(), e.getValue()))
        .toList();
  }

  /** Closes a door, durably, for one attempt at deleting the group. */
  void close(Bytes32 group, Timestamp attempt) {
    change(
        group,
        door -> {
          boolean later = door == null || (!door.gone() && attempt.isAfter(door.attempt()));
          return later ? new Door(attempt, false, clock.wallMillis(), false) : door;
        });
  }

  /** Opens the door that {@code attempt}, or one before it, has closed. */
  public void open(Bytes32 group, Timestamp attempt) {
    change(
        group,
        door -> door == null || door.gone() || door.attempt().isAfter(attempt) ? door : null);
  }

  /** The group is gone for good. */
  public void end(Bytes32 group, Timestamp attempt) {
    change(
        group,
        door ->
            door != null && door.gone()
                ? door
                : new Door(attempt, true, clock.wallMillis(), false));
  }

  /** What was left over of a group that is gone was taken away. */
  public void swept(Bytes32 group) {
    change(
        group,
        door ->
            door == null ? null : new Door(door.attempt(), door.gone(), door.sinceMillis(), true));
  }

  /** Forgets a group that is gone: nobody can be writing to it any more. */
  public void forget(Bytes32 group) {
    change(group, door -> door != null && door.gone() ? null : door);
  }

  /** Closes what is closed on another replica, which may be asked no more before long. */
  void adopt(List<Closed> theirs) {
    for (Closed closed : theirs) {
      if (closed.door().gone()) {
        end(closed.group(), closed.door().attempt());
      } else {
        close(closed.group(), closed.door().attempt());
      }
    }
  }

  private void change(Bytes32 group, UnaryOperator<@Nullable Door> to) {
    changing.lock();
    try {
      Door before = doors.get(group);
      Door after = to.apply(before);
      if (after == null && before != null) {
        store.commit(new Batch().delete(tree, group.toBytes()));
        doors.remove(group);
      } else if (after != null && !after.equals(before)) {
        byte[] value = new Writer().value(after, Door.CODEC).toBytes();
        store.commit(new Batch().put(tree, group.toBytes(), value));
        doors.put(group, after);
      }
    } finally {
      changing.unlock();
    }
  }
}
