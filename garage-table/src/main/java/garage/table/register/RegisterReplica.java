package garage.table.register;

import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.rpc.Payload;
import garage.rpc.membership.EpochFence;
import garage.table.KeyLocks;
import garage.table.RowCache;
import garage.table.sync.MerkleIndex;
import garage.table.sync.RowCopy;
import garage.table.sync.SyncedRows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The replica's side of the register protocol: applies {@link RegisterRow}'s transitions under the
 * key's lock and answers once the batch is synced. The row, its body, and everything that follows
 * from the change are one batch.
 */
final class RegisterReplica<V> implements SyncedRows {
  /** A row rewritten this often between two reads of one call has lost its body instead. */
  private static final int READ_ATTEMPTS_MAX = 100;

  /** Rows in one page or batch: a round trip covers many, and a batch stays short. */
  static final int PAGE_ROWS = 1_000;

  /** Bytes in one page, after which it ends: far below a message's limit, bodies included. */
  private static final long PAGE_BYTES = 4L << 20;

  /** What a row takes in a page beside key and body. */
  private static final long ROW_BYTES = 512;

  private static final byte[] NO_BODY = new byte[0];

  private final RegisterSchema<V> schema;
  private final Store store;
  private final HybridClock clock;
  private final EpochFence fence;
  private final NodeId self;
  private final VersionedCodec<RegisterRow<V>> codec;
  private final KeyLocks locks = new KeyLocks();
  private final RowCache<V> kept = new RowCache<>();

  /** Apart from the rows' locks: a floor is locked while its row is, and a stripe may hold both. */
  private final KeyLocks floorLocks = new KeyLocks();

  private final MerkleIndex index;
  private final Tree rows;
  private final Tree bodies;
  private final Tree toCollect;
  private final Tree floors;
  private final Tree promised;
  private final Standing standing;
  private final @Nullable Doors doors;

  RegisterReplica(RegisterSchema<V> schema, Register.Context context, @Nullable Doors doors) {
    this.schema = schema;
    this.store = context.store();
    this.clock = context.hybrid();
    this.fence = context.placement().fence();
    this.self = context.rpc().self();
    this.doors = doors;
    this.codec = RegisterRow.codec(schema.codec());
    this.index = new MerkleIndex(store, schema.name());
    this.rows = store.tree(schema.name());
    this.bodies = store.tree(RegisterSchema.bodyTree(schema.name()));
    this.toCollect = store.tree(RegisterSchema.collectTree(schema.name()));
    this.floors = store.tree(RegisterSchema.floorTree(schema.name()));
    this.promised = store.tree(RegisterSchema.promisedTree(schema.name()));
    this.standing = new Standing(context.placement(), store, floors, self);
  }

  Payload<RegisterReply<V>> handle(
      @Nullable NodeId from, Payload<RegisterMessage<V>> request, Deadline deadline) {
    RegisterMessage<V> message = request.value();
    long epoch = message.epoch();
    fence.check(epoch, from);
    checkMember(schema.partition(message.key()));
    Payload<RegisterReply<V>> reply =
        switch (message) {
          case RegisterMessage.Accept<V> accept -> Payload.of(accept(accept, request.attachment()));
          case RegisterMessage.Prepare<V> prepare -> Payload.of(prepare(prepare));
          case RegisterMessage.Read<V> read -> read(read);
        };
    fence.check(epoch, from);
    return reply;
  }

  private void checkMember(Partition partition) {
    if (!standing.isMember(partition)) {
      throw new GarageException.Overloaded("partition " + partition + " is still being filled");
    }
  }

  /** Locks a row that is to change, which is forgotten before the lock is released. */
  private KeyLocks.Held changing(byte[] key) {
    KeyLocks.Held held = locks.lock(key);
    return () -> {
      kept.forget(key);
      held.close();
    };
  }

  private KeyLocks.Held changing(List<byte[]> keys) {
    KeyLocks.Held held = locks.lock(keys);
    return () -> {
      kept.forget(keys);
      held.close();
    };
  }

  /** The version accepted last here, which may be a tombstone; null if there is none. */
  @Nullable V latest(byte[] key) {
    return kept.get(key, k -> store.get(rows, k), value -> codec.decode(value).version());
  }

  Standing standing() {
    return standing;
  }

  // ---- what other replicas are filled from

  /** Answers a node that is being filled or verified. */
  PullReply<V> pull(@Nullable NodeId from, PullMessage message) {
    fence.check(message.epoch(), from);
    PullReply<V> reply =
        switch (message) {
          case PullMessage.Survey(long _, PartitionSet partitions) -> survey(partitions);
          case PullMessage.Sums(long _, Partition partition) -> {
            checkMember(partition);
            yield new PullReply.Sums<>(Arrays.stream(index.sums(partition)).boxed().toList());
          }
          case PullMessage.Promised(long _, PartitionSet partitions, byte[] after) ->
              new PullReply.Promised<>(promised(partitions, after));
          case PullMessage.Doors(long _, Bytes32 after) ->
              new PullReply.Closed<>(doors == null ? List.of() : doors.closed(after, PAGE_ROWS));
          case PullMessage.Rows wanted -> {
            checkMember(wanted.partition());
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
            new PullReply.Surveyed(partition, index.root(partition), floor(floorKey(partition))));
      }
    }
    return new PullReply.Survey<>(all);
  }

  /** Keys of these partitions promised above their ballot, each after its partition's number. */
  List<byte[]> promised(PartitionSet partitions, byte[] after) {
    List<byte[]> keys = new ArrayList<>();
    byte[] from = after.length == 0 ? after : Arrays.copyOf(after, after.length + 1);
    try (Scan scan = store.scan(promised, KeyRange.of(from, null))) {
      Scan.Row row = scan.next();
      while (row != null && keys.size() < PAGE_ROWS) {
        if (partitions.contains(Partition.of(row.key()[0] & 0xff))) {
          keys.add(row.key());
        }
        row = scan.next();
      }
    }
    return keys;
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
      for (MerkleIndex.Leaf leaf : index.leaves(wanted.partition(), position, PAGE_ROWS)) {
        PullReply.Row<V> row = copy(leaf.rowKey(), false);
        if (row != null) {
          found.add(row);
        }
        if (found.size() == PAGE_ROWS) {
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
    for (int attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      byte[] value = store.get(rows, key);
      if (value == null) {
        return null;
      }
      RegisterRow<V> row = codec.decode(value);
      V version = row.version();
      byte[] body = NO_BODY;
      if (content && version != null && schema.hasBody(version)) {
        body = store.get(bodies, bodyKey(key, row.id()));
      }
      if (body != null) {
        return new PullReply.Row<>(
            key, row.promise(), row.ballot(), row.id(), content ? version : null, body);
      }
    }
    throw new GarageException.Corrupt("a version's body is not there");
  }

  /** The row of {@code key}, also if it is missing. */
  RegisterRow<V> row(byte[] key) {
    return load(key);
  }

  /** As {@link #row}, where this replica counts. */
  RegisterRow<V> memberRow(byte[] key) {
    checkMember(schema.partition(key));
    return load(key);
  }

  /** The body of the version that {@code row} shows; null if it is not there any more. */
  @Nullable ByteBuffer body(byte[] key, RegisterRow<V> row) {
    byte[] body = store.get(bodies, bodyKey(key, row.id()));
    return body == null ? null : ByteBuffer.wrap(body).asReadOnlyBuffer();
  }

  /**
   * Takes over rows that are newer than this node's, as accepts at their own ballots, in one batch;
   * answers the keys it may not take because of a promise. A node that is not a member yet has no
   * floor, and refuses nothing for one.
   */
  List<byte[]> take(List<PullReply.Row<V>> copies) {
    List<byte[]> refused = new ArrayList<>();
    List<byte[]> keys = copies.stream().map(PullReply.Row::key).toList();
    try (KeyLocks.Held _ = changing(keys);
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
          batch.addAll(change(copy.key(), row, next.get(), ByteBuffer.wrap(copy.body())));
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
      return load(key);
    }
    byte[] value = store.get(rows, key);
    return value == null ? RegisterRow.missing(Timestamp.ZERO) : codec.decode(value);
  }

  /** Drops up to {@link #PAGE_ROWS} rows of a partition; answers how many there were. */
  int drop(Partition partition) {
    TreeSet<byte[]> found = new TreeSet<>(Arrays::compareUnsigned); // many are of both sorts
    index
        .rows(partition, MerkleIndex.Position.START, PAGE_ROWS)
        .forEach(leaf -> found.add(leaf.rowKey()));
    byte[] after = {(byte) partition.number()};
    promised(PartitionSet.of(partition::equals), after)
        .forEach(key -> found.add(Arrays.copyOfRange(key, 1, key.length)));
    if (found.isEmpty()) {
      return 0;
    }
    List<byte[]> keys = List.copyOf(found);
    try (KeyLocks.Held _ = changing(keys);
        KeyLocks.Held _ = schema.guard(keys)) {
      Batch batch = new Batch();
      for (byte[] key : keys) {
        dropRow(partition, key, batch);
      }
      store.commit(batch);
    }
    return keys.size();
  }

  private void dropRow(Partition partition, byte[] key, Batch batch) {
    batch.delete(promised, promisedKey(partition, key));
    byte[] value = store.get(rows, key);
    if (value == null) {
      return;
    }
    RegisterRow<V> row = codec.decode(value);
    V version = row.version();
    batch.delete(rows, key).delete(toCollect, key);
    index.change(batch, partition, key, row.stateBytes(), null);
    if (version != null) {
      if (schema.hasBody(version)) {
        batch.delete(bodies, bodyKey(key, row.id()));
      }
      schema.onDrop(key, version, batch);
    }
  }

  /** Ends the filling of a partition: the node remembers from here on. */
  void join(Partition partition, Timestamp floor, long layout) {
    Batch batch = new Batch();
    byte[] key = {(byte) partition.number()};
    batch.put(floors, key, new Writer().value(floor, Timestamp.CODEC).toBytes());
    standing.commit(partition, new Standing.State(layout, 0, 0), batch);
  }

  private static byte[] promisedKey(Partition partition, byte[] key) {
    return new Writer(key.length + 1).u8(partition.number()).raw(key).toBytes();
  }

  // ---- doors

  /** The door of a key's group, to be looked at under the key's lock; null if it is open. */
  private Doors.@Nullable Door door(byte[] key) {
    return doors == null ? null : doors.of(key);
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

  /**
   * Up to {@code max} keys that begin with {@code prefix} and hold something now, all of which that
   * was accepted before the call is among.
   */
  List<byte[]> holding(byte[] prefix, Predicate<V> isContent, int max) {
    locks.drain();
    List<byte[]> found = new ArrayList<>();
    try (Scan scan = store.scan(rows, KeyRange.prefix(prefix))) {
      for (Scan.Row row = scan.next(); row != null && found.size() < max; row = scan.next()) {
        V version = codec.decode(row.value()).version();
        if (version != null && !version.equals(schema.tombstone()) && isContent.test(version)) {
          found.add(row.key());
        }
      }
    }
    return found;
  }

  // ---- the transitions of a row

  /** The decoded row of a key and value read from the tree by a scan. */
  RegisterRow<V> decode(byte[] value) {
    return codec.decode(value);
  }

  private RegisterReply<V> accept(RegisterMessage.Accept<V> message, ByteBuffer body) {
    clock.observe(message.ballot());
    byte[] key = message.key();
    try (KeyLocks.Held _ = changing(key);
        KeyLocks.Held _ = schema.guard(List.of(key))) {
      RegisterRow<V> row = load(key);
      Doors.Door door = message.guarded() ? door(key) : null;
      boolean never = row.held(message.id()) instanceof RegisterRow.Held.No;
      if (door != null) {
        return new RegisterReply.Closed<>(row.highest(), door.gone(), never);
      }
      Optional<RegisterRow<V>> next = row.accept(message.ballot(), message.id(), message.version());
      if (next.isEmpty()) {
        return new RegisterReply.Refused<>(row.highest(), never);
      }
      if (!next.get().equals(row)) {
        store.commit(change(key, row, next.get(), body));
      }
      return new RegisterReply.Yes<>(next.get().highest());
    }
  }

  private Batch change(byte[] key, RegisterRow<V> row, RegisterRow<V> next, ByteBuffer body) {
    Batch batch = new Batch();
    V before = row.version();
    V after = next.version();
    batch.put(rows, key, codec.encode(next));
    Partition partition = schema.partition(key);
    index.change(batch, partition, key, row.stateBytes(), next.stateBytes());
    if (row.isPromisedAbove() && !next.isPromisedAbove()) {
      batch.delete(promised, promisedKey(partition, key));
    }
    if (after == null || row.id().equals(next.id())) {
      return batch; // the same version at a higher ballot: nothing follows from it
    }
    if (before != null && schema.hasBody(before)) {
      batch.delete(bodies, bodyKey(key, row.id()));
    }
    if (schema.hasBody(after)) {
      byte[] bytes = new byte[body.remaining()];
      body.duplicate().get(bytes);
      batch.put(bodies, bodyKey(key, next.id()), bytes);
    }
    if (after.equals(schema.tombstone())) {
      batch.put(toCollect, key, new byte[0]);
    } else if (schema.tombstone().equals(before)) {
      batch.delete(toCollect, key);
    }
    schema.onChange(
        new RegisterSchema.Change<>(
            key,
            before,
            row.id(),
            row.ballot(),
            () -> bodyOf(key, row),
            after,
            next.id(),
            next.ballot()),
        batch);
    return batch;
  }

  private ByteBuffer bodyOf(byte[] key, RegisterRow<V> row) {
    V version = row.version();
    if (version == null || !schema.hasBody(version)) {
      return ByteBuffer.wrap(NO_BODY);
    }
    ByteBuffer body = body(key, row);
    if (body == null) {
      throw new GarageException.Corrupt("a version's body is not there");
    }
    return body;
  }

  private RegisterReply<V> prepare(RegisterMessage.Prepare<V> message) {
    clock.observe(message.ballot());
    byte[] key = message.key();
    try (KeyLocks.Held _ = changing(key)) {
      RegisterRow<V> row = load(key);
      Doors.Door door = message.guarded() ? door(key) : null;
      boolean never = row.held(message.id()) instanceof RegisterRow.Held.No;
      if (door != null) {
        return new RegisterReply.Closed<>(row.highest(), door.gone(), never);
      }
      Optional<RegisterRow<V>> next = row.prepare(message.ballot());
      if (next.isEmpty()) {
        return new RegisterReply.Refused<>(row.highest(), never);
      }
      store.commit(
          new Batch()
              .put(rows, key, codec.encode(next.get()))
              .put(promised, promisedKey(schema.partition(key), key), NO_BODY));
      return state(next.get(), row.held(message.id()));
    }
  }

  private Payload<RegisterReply<V>> read(RegisterMessage.Read<V> message) {
    byte[] key = message.key();
    if (!self.equals(message.bodyFrom())) {
      return Payload.of(state(load(key), new RegisterRow.Held.Unknown()));
    }
    // Row and body are two reads: if the row changed in between, its body may be gone; read again.
    for (int attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      RegisterRow<V> row = load(key);
      RegisterReply<V> state = state(row, new RegisterRow.Held.Unknown());
      V version = row.version();
      if (version == null || !schema.hasBody(version)) {
        return Payload.of(state);
      }
      byte[] body = store.get(bodies, bodyKey(key, row.id()));
      if (body != null) {
        return new Payload<>(state, ByteBuffer.wrap(body).asReadOnlyBuffer());
      }
    }
    throw new GarageException.Corrupt("a version's body is not there");
  }

  // ---- collection

  /**
   * Confirms tombstones, or deletes their rows: not even begun in one epoch and ended in the next,
   * because a new replica that took this one's floor before, and its rows after, would miss both.
   */
  CollectReply collect(@Nullable NodeId from, CollectMessage message) {
    fence.check(message.epoch(), from);
    CollectReply reply =
        switch (message) {
          case CollectMessage.Confirm(long _, List<byte[]> keys) -> {
            keys.forEach(key -> checkMember(schema.partition(key)));
            yield new CollectReply(keys.stream().map(this::tombstone).toList());
          }
          case CollectMessage.Collect(long epoch, List<CollectMessage.Confirmed> rows) -> {
            rows.forEach(row -> checkMember(schema.partition(row.key())));
            yield fence.during(epoch, from, () -> collect(rows));
          }
        };
    fence.check(message.epoch(), from);
    return reply;
  }

  /** The ballot of the tombstone that {@code key} holds. */
  private Optional<Timestamp> tombstone(byte[] key) {
    RegisterRow<V> row = load(key);
    return schema.tombstone().equals(row.version()) ? Optional.of(row.ballot()) : Optional.empty();
  }

  private CollectReply collect(List<CollectMessage.Confirmed> wanted) {
    List<byte[]> keys = wanted.stream().map(CollectMessage.Confirmed::key).toList();
    List<Optional<Timestamp>> gone = new ArrayList<>();
    try (KeyLocks.Held _ = changing(keys)) {
      Map<Partition, Timestamp> raised = new TreeMap<>();
      Batch batch = new Batch();
      for (CollectMessage.Confirmed one : wanted) {
        RegisterRow<V> row = load(one.key());
        boolean same = tombstone(one.key()).equals(Optional.of(one.ballot()));
        gone.add(same ? Optional.of(one.ballot()) : Optional.empty());
        if (same) {
          Partition partition = schema.partition(one.key());
          Timestamp before = raised.getOrDefault(partition, Timestamp.ZERO);
          raised.put(partition, before.max(row.highest()));
          remove(partition, one.key(), row, batch);
        }
      }
      raiseFloors(raised, batch);
    }
    return new CollectReply(gone);
  }

  private void remove(Partition partition, byte[] key, RegisterRow<V> row, Batch batch) {
    batch.delete(rows, key).delete(toCollect, key).delete(promised, promisedKey(partition, key));
    index.change(batch, partition, key, row.stateBytes(), null);
  }

  /** Commits {@code batch} with the floors of these partitions at these times, or above. */
  private void raiseFloors(Map<Partition, Timestamp> raised, Batch batch) {
    List<byte[]> floorKeys = raised.keySet().stream().map(RegisterReplica::floorKey).toList();
    try (KeyLocks.Held _ = floorLocks.lock(floorKeys)) {
      raised.forEach((partition, to) -> {
        byte[] key = floorKey(partition);
        Timestamp floor = floor(key).max(to);
        batch.put(floors, key, new Writer().value(floor, Timestamp.CODEC).toBytes());
      });
      if (!batch.isEmpty()) {
        store.commit(batch);
      }
    }
  }

  // --- as replicas are brought together

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
    return index;
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
    for (int attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      RegisterRow<V> row = load(key);
      V version = row.version();
      if (version == null) {
        return null;
      }
      byte[] body =
          schema.hasBody(version) ? store.get(bodies, bodyKey(key, row.id())) : new byte[0];
      if (body != null) {
        return new RowCopy(key, encode(row.ballot(), row.id(), version), body);
      }
    }
    throw new GarageException.Corrupt("a version's body is not there");
  }

  /** Every copy is an accept at its own ballot, under the rule of accepts. */
  @Override
  public List<byte[]> merge(Partition partition, List<RowCopy> copies, Timestamp at) {
    checkMember(partition); // else it is being filled, which is more than this
    List<byte[]> keys = copies.stream().map(RowCopy::key).toList();
    List<byte[]> refused = new ArrayList<>();
    try (KeyLocks.Held _ = changing(keys);
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
    RegisterRow<V> row = load(copy.key());
    Optional<RegisterRow<V>> next = row.accept(sent.ballot(), sent.id(), sent.version());
    if (next.isPresent() && !next.get().equals(row)) {
      batch.addAll(change(copy.key(), row, next.get(), ByteBuffer.wrap(copy.body())));
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
    checkMember(partition);
    return floor(floorKey(partition));
  }

  @Override
  public void raiseFloor(Partition partition, Timestamp to) {
    checkMember(partition);
    byte[] floorKey = floorKey(partition);
    if (!to.isAfter(floor(floorKey))) {
      return;
    }
    try (KeyLocks.Held _ = floorLocks.lock(floorKey)) {
      Timestamp floor = floor(floorKey).max(to);
      store.commit(
          new Batch().put(floors, floorKey, new Writer().value(floor, Timestamp.CODEC).toBytes()));
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

  private static byte[] floorKey(Partition partition) {
    return new byte[] {(byte) partition.number()};
  }

  private RegisterRow<V> load(byte[] key) {
    byte[] value = store.get(rows, key);
    return value != null
        ? codec.decode(value)
        : RegisterRow.missing(floor(new byte[] {(byte) schema.partition(key).number()}));
  }

  private Timestamp floor(byte[] floorKey) {
    byte[] value = store.get(floors, floorKey);
    return value == null ? Timestamp.ZERO : new Reader(value).value(Timestamp.CODEC);
  }

  private RegisterReply<V> state(RegisterRow<V> row, RegisterRow.Held held) {
    return new RegisterReply.State<>(row.highest(), row.ballot(), row.id(), row.version(), held);
  }

  private static byte[] bodyKey(byte[] key, Timestamp id) {
    return new Writer(key.length + Timestamp.ENCODED_BYTES)
        .raw(key)
        .value(id, Timestamp.CODEC)
        .toBytes();
  }
}
