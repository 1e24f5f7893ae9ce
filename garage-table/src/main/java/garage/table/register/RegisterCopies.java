package garage.table.register;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.Store;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.rpc.membership.EpochFence;
import garage.table.KeyLocks;
import garage.table.sync.MerkleIndex;
import garage.table.sync.RowCopy;
import garage.table.sync.SyncedRows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one family of registers as replicas exchange them: what others are filled from and
 * compared with, and what is taken over from them. Every row that comes is an accept at its own
 * ballot, under the rule of accepts.
 */
final class RegisterCopies<V> implements SyncedRows {
  /** Bytes in one page, after which it ends: far below a message's limit, bodies included. */
  private static final long PAGE_BYTES = 4L << 20;

  /** What a row takes in a page beside key and body. */
  private static final long ROW_BYTES = 512;

  private static final byte[] NO_BODY = new byte[0];

  private final RegisterSchema<V> schema;
  private final RegisterRows<V> rows;
  private final Store store;
  private final HybridClock clock;
  private final EpochFence fence;
  private final Standing standing;
  private final @Nullable Doors doors;

  RegisterCopies(
      RegisterRows<V> rows, Standing standing, Register.Context context, @Nullable Doors doors) {
    this.schema = rows.schema();
    this.rows = rows;
    this.store = context.store();
    this.clock = context.hybrid();
    this.fence = context.placement().fence();
    this.standing = standing;
    this.doors = doors;
  }

  Standing standing() {
    return standing;
  }

  /** The row of {@code key}, also if it is missing. */
  RegisterRow<V> row(byte[] key) {
    return rows.load(key);
  }

  // ---- what other replicas are filled from

  /** Answers a node that is being filled or verified. */
  PullReply<V> pull(@Nullable NodeId from, PullMessage message) {
    fence.check(message.epoch(), from);
    PullReply<V> reply =
        switch (message) {
          case PullMessage.Survey(long _, PartitionSet partitions) -> survey(partitions);
          case PullMessage.Sums(long _, Partition partition) -> {
            standing.checkMember(partition);
            yield new PullReply.Sums<>(
                Arrays.stream(rows.index().sums(partition)).boxed().toList());
          }
          case PullMessage.Promised(long _, PartitionSet partitions, byte[] after) ->
              new PullReply.Promised<>(promised(partitions, after));
          case PullMessage.Doors(long _, Bytes32 after) ->
              new PullReply.Closed<>(
                  doors == null ? List.of() : doors.closed(after, RegisterRows.PAGE_ROWS));
          case PullMessage.Rows wanted -> {
            standing.checkMember(wanted.partition());
            yield rows(wanted);
          }
          case PullMessage.Fetch(long _, List<byte[]> keys) -> fetch(keys);
        };
    fence.check(message.epoch(), from);
    return reply;
  }

  private PullReply<V> survey(PartitionSet partitions) {
    List<PullReply.Surveyed> all = new ArrayList<>();
    for (Partition partition : Partition.all()) {
      if (partitions.contains(partition) && standing.isMember(partition)) {
        all.add(
            new PullReply.Surveyed(partition, rows.index().root(partition), rows.floor(partition)));
      }
    }
    return new PullReply.Survey<>(all);
  }

  /** Keys of these partitions promised above their ballot, each after its partition's number. */
  List<byte[]> promised(PartitionSet partitions, byte[] after) {
    return rows.promised(partitions, after);
  }

  private PullReply<V> rows(PullMessage.Rows wanted) {
    List<PullReply.Row<V>> found = new ArrayList<>();
    for (int slot : wanted.slots()) {
      MerkleIndex.Position position = wanted.from();
      if (slot < position.slot()) {
        continue;
      }
      if (slot > position.slot()) {
        position = new MerkleIndex.Position(slot, null);
      }
      for (MerkleIndex.Leaf leaf :
          rows.index().leaves(wanted.partition(), position, RegisterRows.PAGE_ROWS)) {
        PullReply.Row<V> row = copy(leaf.rowKey(), false);
        if (row != null) {
          found.add(row);
        }
        if (found.size() == RegisterRows.PAGE_ROWS) {
          return new PullReply.Rows<>(found, MerkleIndex.after(leaf));
        }
      }
    }
    return new PullReply.Rows<>(found, null);
  }

  private PullReply<V> fetch(List<byte[]> keys) {
    List<PullReply.Row<V>> found = new ArrayList<>();
    long bytes = 0;
    for (byte[] key : keys) {
      PullReply.Row<V> row = copy(key, true);
      if (row != null && standing.isMember(schema.partition(key))) {
        found.add(row);
        bytes += key.length + row.body().length + ROW_BYTES;
      }
      if (bytes >= PAGE_BYTES) {
        break;
      }
    }
    return new PullReply.Rows<>(found, null);
  }

  /** The row as it is now; null if there is none. */
  private PullReply.@Nullable Row<V> copy(byte[] key, boolean content) {
    RegisterRows.Whole<V> whole = content ? rows.whole(key) : bare(key);
    if (whole == null) {
      return null;
    }
    RegisterRow<V> row = whole.row();
    V version = content ? row.version() : null;
    return new PullReply.Row<>(key, row.promise(), row.ballot(), row.id(), version, whole.body());
  }

  private RegisterRows.@Nullable Whole<V> bare(byte[] key) {
    RegisterRow<V> row = rows.stored(key);
    return row == null ? null : new RegisterRows.Whole<>(row, NO_BODY);
  }

  // ---- what is taken over

  /**
   * Takes over rows that are newer than this node's, as accepts at their own ballots, in one batch;
   * answers the keys it may not take because of a promise. A node that is not a member yet has no
   * floor, and refuses nothing for one.
   */
  List<byte[]> take(List<PullReply.Row<V>> copies) {
    List<byte[]> refused = new ArrayList<>();
    List<byte[]> keys = copies.stream().map(PullReply.Row::key).toList();
    try (KeyLocks.Held _ = rows.changing(keys);
        KeyLocks.Held _ = schema.guard(keys)) {
      Batch batch = new Batch();
      for (PullReply.Row<V> copy : copies) {
        V version = copy.version();
        if (version == null) {
          continue; // promised, and nothing accepted: the promise is settled by reading the key
        }
        clock.observe(copy.ballot());
        RegisterRow<V> row = loadToFill(copy.key());
        if (copy.ballot().compareTo(row.ballot()) <= 0) {
          continue;
        }
        Optional<RegisterRow<V>> next = row.accept(copy.ballot(), copy.id(), version);
        if (next.isPresent()) {
          batch.addAll(rows.change(copy.key(), row, next.get(), ByteBuffer.wrap(copy.body())));
        } else {
          refused.add(copy.key());
        }
      }
      if (!batch.isEmpty()) {
        store.commit(batch);
      }
    }
    return refused;
  }

  private RegisterRow<V> loadToFill(byte[] key) {
    if (standing.isMember(schema.partition(key))) {
      return rows.load(key);
    }
    RegisterRow<V> row = rows.stored(key);
    return row == null ? RegisterRow.missing(Timestamp.ZERO) : row;
  }

  /**
   * Drops up to {@link RegisterRows#PAGE_ROWS} rows of a partition; answers how many there were.
   */
  int drop(Partition partition) {
    return rows.drop(partition);
  }

  /** Ends the filling of a partition: the node remembers from here on. */
  void join(Partition partition, Timestamp floor, long layout) {
    Batch batch = new Batch();
    rows.setFloor(partition, floor, batch);
    standing.commit(partition, new Standing.State(layout, 0, 0), batch);
  }

  /** Adopts the doors of another replica, before anything counts that they are to keep out. */
  void adopt(List<Doors.Closed> theirs) {
    if (doors != null) {
      doors.adopt(theirs);
    }
  }

  /** Whether this family's registers have doors. */
  boolean hasDoors() {
    return doors != null;
  }

  // ---- as replicas are brought together

  /** A row as another replica may accept it. */
  private record Sent<V>(Timestamp ballot, Timestamp id, V version) {}

  private byte[] encode(Timestamp ballot, Timestamp id, V version) {
    return new Writer()
        .value(ballot, Timestamp.CODEC)
        .value(id, Timestamp.CODEC)
        .bytes(schema.codec().encode(version))
        .toBytes();
  }

  private Sent<V> decodeSent(byte[] state) {
    Reader in = new Reader(state);
    Timestamp ballot = in.value(Timestamp.CODEC);
    Timestamp id = in.value(Timestamp.CODEC);
    V version = schema.codec().decode(in.bytes());
    in.end();
    return new Sent<>(ballot, id, version);
  }

  @Override
  public String name() {
    return schema.name();
  }

  @Override
  public MerkleIndex index() {
    return rows.index();
  }

  @Override
  public List<RowCopy> copies(List<byte[]> keys, int bytesMax) {
    List<RowCopy> copies = new ArrayList<>();
    int bytes = 0;
    for (byte[] key : keys) {
      RowCopy copy = copy(key);
      if (copy == null) {
        continue;
      }
      bytes += copy.bytes();
      if (bytes > bytesMax && !copies.isEmpty()) {
        break;
      }
      copies.add(copy);
    }
    return copies;
  }

  private @Nullable RowCopy copy(byte[] key) {
    RegisterRows.Whole<V> whole = rows.whole(key);
    V version = whole == null ? null : whole.row().version();
    return whole == null || version == null
        ? null
        : new RowCopy(key, encode(whole.row().ballot(), whole.row().id(), version), whole.body());
  }

  /**
   * Every copy is an accept at its own ballot, under the rule of accepts, and kept out by doors.
   */
  @Override
  public List<byte[]> merge(Partition partition, List<RowCopy> copies, Timestamp at) {
    standing.checkMember(partition); // else it is being filled, which is more than this
    List<byte[]> keys = copies.stream().map(RowCopy::key).toList();
    List<byte[]> refused = new ArrayList<>();
    try (KeyLocks.Held _ = rows.changing(keys);
        KeyLocks.Held _ = schema.guard(keys)) {
      Batch batch = new Batch();
      for (RowCopy copy : copies) {
        if (!schema.partition(copy.key()).equals(partition)) {
          throw new GarageException.Corrupt("a row of another partition than it is said to be");
        }
        if (!merge(copy, batch)) {
          refused.add(copy.key());
        }
      }
      if (!batch.isEmpty()) {
        store.commit(batch);
      }
    }
    return refused;
  }

  private boolean merge(RowCopy copy, Batch batch) {
    Sent<V> sent = decodeSent(copy.state());
    clock.observe(sent.ballot());
    RegisterRow<V> row = rows.load(copy.key());
    boolean closed = doors != null && doors.of(copy.key()) != null;
    if (closed && !schema.isTombstone(sent.version()) && !row.ballot().equals(sent.ballot())) {
      return false;
    }
    Optional<RegisterRow<V>> next = row.accept(sent.ballot(), sent.id(), sent.version());
    if (next.isPresent() && !next.get().equals(row)) {
      batch.addAll(rows.change(copy.key(), row, next.get(), ByteBuffer.wrap(copy.body())));
    }
    return next.isPresent();
  }

  /** Only a coordinator can. */
  @Override
  public void settle(byte[] key, Deadline deadline) {
    throw new IllegalStateException("a replica alone settles nothing");
  }

  @Override
  public Timestamp floor(Partition partition) {
    standing.checkMember(partition);
    return rows.floor(partition);
  }

  @Override
  public void raiseFloor(Partition partition, Timestamp to) {
    standing.checkMember(partition);
    if (to.isAfter(rows.floor(partition))) {
      rows.raiseFloors(Map.of(partition, to), new Batch());
    }
  }

  @Override
  public boolean dropsLeft() {
    return false;
  }

  @Override
  public void drop(Partition partition, List<byte[]> keys) {
    throw new IllegalStateException("registers are dropped as their change of layout ends");
  }
}
