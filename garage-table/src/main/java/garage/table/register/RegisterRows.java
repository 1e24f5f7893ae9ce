package garage.table.register;

import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.table.KeyLocks;
import garage.table.RowCache;
import garage.table.sync.MerkleIndex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one family of registers has stored on this node: rows and their bodies, the indexes over
 * them, and the floors of partitions.
 *
 * <p>Invariant: whatever follows from a change of a row - its body, its digest, the queues it is in
 * - is in the batch that changes it. Who changes rows holds their locks from reading them until the
 * batch is committed.
 */
final class RegisterRows<V> {
  /** A row rewritten this often between two reads of one call has lost its body instead. */
  private static final int READ_ATTEMPTS_MAX = 100;

  /** Rows in one page or batch: a round trip covers many, and a batch stays short. */
  static final int PAGE_ROWS = 1_000;

  private static final byte[] NO_BODY = new byte[0];

  private final RegisterSchema<V> schema;
  private final Store store;
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

  /** A row and the body of its version, which is empty if there is none. */
  record Whole<V>(RegisterRow<V> row, byte[] body) {}

  RegisterRows(RegisterSchema<V> schema, Store store) {
    this.schema = schema;
    this.store = store;
    this.codec = RegisterRow.codec(schema.codec());
    this.index = new MerkleIndex(store, schema.name());
    this.rows = store.tree(schema.name());
    this.bodies = store.tree(RegisterSchema.bodyTree(schema.name()));
    this.toCollect = store.tree(RegisterSchema.collectTree(schema.name()));
    this.floors = store.tree(RegisterSchema.floorTree(schema.name()));
    this.promised = store.tree(RegisterSchema.promisedTree(schema.name()));
  }

  RegisterSchema<V> schema() {
    return schema;
  }

  MerkleIndex index() {
    return index;
  }

  // ---- looking

  /** The row of {@code key}, also if it is missing. */
  RegisterRow<V> load(byte[] key) {
    RegisterRow<V> row = stored(key);
    return row != null ? row : RegisterRow.missing(floor(schema.partition(key)));
  }

  /** The row of {@code key}; null if it is missing. */
  @Nullable RegisterRow<V> stored(byte[] key) {
    byte[] value = store.get(rows, key);
    return value == null ? null : codec.decode(value);
  }

  /** The decoded row of a key and value read from the tree by a scan. */
  RegisterRow<V> decode(byte[] value) {
    return codec.decode(value);
  }

  /** The version accepted last here, which may be a tombstone; null if there is none. */
  @Nullable V latest(byte[] key) {
    return kept.get(key, k -> store.get(rows, k), value -> codec.decode(value).version());
  }

  /** The body of the version that {@code row} shows; null if it is not there any more. */
  @Nullable ByteBuffer body(byte[] key, RegisterRow<V> row) {
    byte[] body = store.get(bodies, bodyKey(key, row.id()));
    return body == null ? null : ByteBuffer.wrap(body).asReadOnlyBuffer();
  }

  /** The row of {@code key} with the body that belongs to it; null if it is missing. */
  @Nullable Whole<V> whole(byte[] key) {
    // Two reads: if the row changed in between, its body may be gone; read again.
    for (int attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      RegisterRow<V> row = stored(key);
      if (row == null) {
        return null;
      }
      V version = row.version();
      byte[] body =
          version != null && schema.hasBody(version)
              ? store.get(bodies, bodyKey(key, row.id()))
              : NO_BODY;
      if (body != null) {
        return new Whole<>(row, body);
      }
    }
    throw new GarageException.Corrupt("a version's body is not there");
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
        if (version != null && !schema.isTombstone(version) && isContent.test(version)) {
          found.add(row.key());
        }
      }
    }
    return found;
  }

  // ---- changing

  /** Locks a row that is to change, which is forgotten before the lock is released. */
  KeyLocks.Held changing(byte[] key) {
    KeyLocks.Held held = locks.lock(key);
    return () -> {
      kept.forget(key);
      held.close();
    };
  }

  /** As above, of several rows. */
  KeyLocks.Held changing(List<byte[]> keys) {
    KeyLocks.Held held = locks.lock(keys);
    return () -> {
      kept.forget(keys);
      held.close();
    };
  }

  /** Makes {@code next} of {@code row}, with all that follows. */
  Batch change(byte[] key, RegisterRow<V> row, RegisterRow<V> next, ByteBuffer body) {
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
    if (schema.isTombstone(after)) {
      batch.put(toCollect, key, new byte[0]);
    } else if (schema.isTombstone(before)) {
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

  /** Stores the promise of {@code next}, and nothing else of it is new. */
  Batch promise(byte[] key, RegisterRow<V> next) {
    return new Batch()
        .put(rows, key, codec.encode(next))
        .put(promised, promisedKey(schema.partition(key), key), NO_BODY);
  }

  /** Takes away a tombstone. */
  void remove(Partition partition, byte[] key, RegisterRow<V> row, Batch batch) {
    batch.delete(rows, key).delete(toCollect, key).delete(promised, promisedKey(partition, key));
    index.change(batch, partition, key, row.stateBytes(), null);
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

  // ---- floors

  /** The tree of the floors, which has keys of one byte. */
  Tree floors() {
    return floors;
  }

  /** The floor of the rows that are missing from a partition. */
  Timestamp floor(Partition partition) {
    byte[] value = store.get(floors, floorKey(partition));
    return value == null ? Timestamp.ZERO : new Reader(value).value(Timestamp.CODEC);
  }

  /** Sets a floor, whatever it was. */
  void setFloor(Partition partition, Timestamp floor, Batch batch) {
    batch.put(floors, floorKey(partition), new Writer().value(floor, Timestamp.CODEC).toBytes());
  }

  /** Commits {@code batch} with the floors of these partitions at these times, or above. */
  void raiseFloors(Map<Partition, Timestamp> raised, Batch batch) {
    List<byte[]> floorKeys = raised.keySet().stream().map(RegisterRows::floorKey).toList();
    try (KeyLocks.Held _ = floorLocks.lock(floorKeys)) {
      raised.forEach((partition, to) -> setFloor(partition, floor(partition).max(to), batch));
      if (!batch.isEmpty()) {
        store.commit(batch);
      }
    }
  }

  private static byte[] floorKey(Partition partition) {
    return new byte[] {(byte) partition.number()};
  }

  private static byte[] promisedKey(Partition partition, byte[] key) {
    return new Writer(key.length + 1).u8(partition.number()).raw(key).toBytes();
  }

  private static byte[] bodyKey(byte[] key, Timestamp id) {
    return new Writer(key.length + Timestamp.ENCODED_BYTES)
        .raw(key)
        .value(id, Timestamp.CODEC)
        .toBytes();
  }
}
