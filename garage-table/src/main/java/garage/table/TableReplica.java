package garage.table;

import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.rpc.Payload;
import garage.rpc.membership.EpochFence;
import garage.table.replication.Placement;
import garage.table.sync.MerkleIndex;
import garage.table.sync.RowCopy;
import garage.table.sync.SyncedRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one table on this node: merges what it is sent, in one batch with what follows.
 *
 * <p>A tombstone that every replica has is taken away, and the partition's floor is raised to a
 * time after all of them had it. From then on a row that is not here is taken only from who made or
 * read it later: an old state of it, sent before it was deleted, is refused however late it comes.
 */
final class TableReplica<E> implements SyncedRows {
  /** The most rows one answer holds. */
  static final int RANGE_MAX = 1_000;

  private final TableSchema<E> schema;
  private final Store store;
  private final EpochFence fence;
  private final HybridClock hybrid;
  private final Tree rows;
  private final MerkleIndex index;
  private final Floors floors;
  private final Tombstones tombstones;
  private final Tenure tenure;
  private final KeyLocks locks = new KeyLocks();
  private final RowCache<E> kept = new RowCache<>();

  TableReplica(
      TableSchema<E> schema, Store store, Placement placement, HybridClock hybrid, NodeId self) {
    this.schema = schema;
    this.store = store;
    this.fence = placement.fence();
    this.hybrid = hybrid;
    this.rows = store.tree(schema.name());
    this.index = new MerkleIndex(store, schema.name());
    this.floors = new Floors(store, schema.name(), hybrid);
    this.tombstones = new Tombstones(store, schema.name());
    this.tenure = new Tenure(placement, store, schema.name(), self, index::isEmpty);
  }

  Payload<TableReply<E>> handle(
      @Nullable NodeId from, Payload<TableMessage<E>> request, Deadline deadline) {
    TableMessage<E> message = request.value();
    fence.check(message.epoch(), from);
    TableReply<E> reply =
        switch (message) {
          case TableMessage.Insert<E>(long _, Timestamp at, List<E> entries) -> insert(at, entries);
          case TableMessage.Get<E>(long _, Partition partition, List<byte[]> keys) -> {
            checkTenure(partition);
            yield shown(() -> getAll(keys));
          }
          case TableMessage.Range<E> range -> {
            checkTenure(partition(range));
            yield shown(() -> range(range));
          }
          case TableMessage.Collect<E> collect ->
              fence.during(message.epoch(), from, () -> collect(collect));
        };
    fence.check(message.epoch(), from);
    return Payload.of(reply);
  }

  /** Rows of a time when others held the partition must not be shown, nor mixed with newer ones. */
  private void checkTenure(Partition partition) {
    if (tenure.stale().contains(partition)) {
      throw new GarageException.Overloaded(
          "partition " + partition + " is emptied of what is left of an earlier layout");
    }
  }

  private Partition partition(TableMessage.Range<E> range) {
    if (range.prefix() > range.from().length) {
      throw new GarageException.Corrupt("a prefix longer than its key");
    }
    return schema.partition(Arrays.copyOf(range.from(), range.prefix()));
  }

  @Override
  public boolean takeAwayStale(int max) {
    for (Partition partition : Partition.all()) {
      if (tenure.stale().contains(partition)) {
        List<MerkleIndex.Leaf> page = index.rows(partition, MerkleIndex.Position.START, max);
        if (page.isEmpty()) {
          tenure.begin(partition);
        } else {
          drop(partition, page.stream().map(MerkleIndex.Leaf::rowKey).toList());
        }
        return true;
      }
    }
    return false;
  }

  Optional<E> get(byte[] key) {
    byte[] value = store.get(rows, key);
    return value == null ? Optional.empty() : Optional.of(schema.codec().decode(value));
  }

  /** As {@link #get}, for rows that are read by every request. */
  Optional<E> getKept(byte[] key) {
    return Optional.ofNullable(kept.get(key, k -> store.get(rows, k), schema.codec()::decode));
  }

  /** Locks rows that are to change, which are forgotten before the locks are released. */
  private KeyLocks.Held changing(List<byte[]> keys) {
    KeyLocks.Held held = locks.lock(keys.stream().map(schema::lockKey).toList());
    return () -> {
      kept.forget(keys);
      held.close();
    };
  }

  Tombstones tombstones() {
    return tombstones;
  }

  private TableReply<E> shown(java.util.function.Supplier<List<E>> read) {
    Timestamp before = hybrid.now();
    return new TableReply.Rows<>(before, read.get());
  }

  private List<E> range(TableMessage.Range<E> message) {
    byte[] start = message.floor() ? floor(message) : message.from();
    byte[] end = message.to();
    return range(KeyRange.of(start, end.length == 0 ? null : end), message.limit());
  }

  /** The key of the last row at or before where the range begins; that itself if there is none. */
  private byte[] floor(TableMessage.Range<E> message) {
    byte[] from = message.from();
    byte[] least = Arrays.copyOf(from, message.prefix());
    byte[] after = Arrays.copyOf(from, from.length + 1); // the first key after it
    try (Scan scan = store.scan(rows, KeyRange.of(least, after).reversed())) {
      Scan.Row row = scan.next();
      return row == null ? from : row.key();
    }
  }

  List<E> range(KeyRange range, int limit) {
    List<E> found = new ArrayList<>();
    try (Scan scan = store.scan(rows, range)) {
      int wanted = Math.min(limit, RANGE_MAX);
      while (found.size() < wanted) {
        Scan.Row row = scan.next();
        if (row == null) {
          break;
        }
        found.add(schema.codec().decode(row.value()));
      }
    }
    return found;
  }

  byte[] key(E entry) {
    return key(schema.partitionKey(entry), schema.sortKey(entry));
  }

  static byte[] key(byte[] partitionKey, byte[] sortKey) {
    return new Writer(partitionKey.length + sortKey.length)
        .raw(partitionKey)
        .raw(sortKey)
        .toBytes();
  }

  private Partition partition(E entry) {
    return schema.partition(schema.partitionKey(entry));
  }

  private List<E> getAll(List<byte[]> keys) {
    List<E> found = new ArrayList<>();
    keys.forEach(key -> get(key).ifPresent(found::add));
    return found;
  }

  private TableReply<E> insert(Timestamp at, List<E> entries) {
    if (entries.isEmpty()) {
      throw new GarageException.Corrupt("an insert of nothing");
    }
    checkTenure(partition(entries.getFirst()));
    Timestamp floor = floors.of(partition(entries.getFirst()));
    List<byte[]> refused = merge(at, entries, true);
    return refused.isEmpty()
        ? new TableReply.Rows<>(hybrid.now(), List.of())
        : new TableReply.Refused<>(floor.max(floors.of(partition(entries.getFirst()))));
  }

  /**
   * Merges entries of one partition with different keys; answers the keys of those refused for the
   * floor. If {@code allOrNone}, nothing is done if there are any.
   */
  private List<byte[]> merge(Timestamp at, List<E> entries, boolean allOrNone) {
    hybrid.observe(at);
    List<byte[]> keys = entries.stream().map(this::key).toList();
    List<byte[]> refused = new ArrayList<>();
    try (KeyLocks.Held _ = changing(keys)) {
      Batch batch = new Batch();
      for (int i = 0; i < keys.size(); i++) {
        if (!merge(keys.get(i), entries.get(i), at, batch)) {
          refused.add(keys.get(i));
        }
      }
      if (!batch.isEmpty() && (refused.isEmpty() || !allOrNone)) {
        store.commit(batch);
      }
    }
    return refused;
  }

  /** Locks the rows that have these lock keys. */
  KeyLocks.Held lockAll(List<byte[]> lockKeys) {
    return locks.lock(lockKeys);
  }

  /** Two entries of one batch never have one key: {@link Table} merges them before. */
  private boolean merge(byte[] key, E entry, Timestamp at, Batch batch) {
    byte[] stored = store.get(rows, key);
    if (stored == null && !at.isAfter(floors.of(partition(entry)))) {
      return false;
    }
    E before = stored == null ? null : schema.codec().decode(stored);
    E after = before == null ? entry : schema.merge(before, entry);
    if (put(key, stored, after, batch)) {
      schema.onChange(before, after, batch);
    }
    return true;
  }

  /** Merges a row this replica makes itself, in a batch of more; its lock is held. */
  E mergeHere(E entry, Batch batch) {
    byte[] key = key(entry);
    byte[] stored = store.get(rows, key);
    E after = stored == null ? entry : schema.merge(schema.codec().decode(stored), entry);
    put(key, stored, after, batch);
    return after;
  }

  private boolean put(byte[] key, byte @Nullable [] stored, E after, Batch batch) {
    byte[] encoded = schema.codec().encode(after);
    if (!Arrays.equals(stored, encoded)) {
      batch.put(rows, key, encoded);
      index.change(batch, partition(after), key, stored, encoded);
      if (schema.isTombstone(after)) {
        tombstones.add(batch, key, hybrid.now().millis());
      }
      return true;
    }
    return false;
  }

  /** Takes rows off the queue of tombstones that are none any more. */
  void forgetAlive(List<byte[]> keys) {
    try (KeyLocks.Held _ = changing(keys)) {
      Batch batch = new Batch();
      for (byte[] key : keys) {
        if (get(key).filter(schema::isTombstone).isEmpty()) {
          tombstones.remove(batch, key);
        }
      }
      store.commit(batch);
    }
  }

  private TableReply<E> collect(TableMessage.Collect<E> message) {
    hybrid.observe(message.at());
    try (KeyLocks.Held _ = changing(message.keys())) {
      Batch batch = new Batch();
      Partition partition = null;
      for (byte[] key : message.keys()) {
        byte[] stored = store.get(rows, key);
        E entry = stored == null ? null : schema.codec().decode(stored);
        if (entry != null && schema.isTombstone(entry) && schema.isCollectable(entry)) {
          partition = partition(entry);
          remove(batch, partition, key, stored);
        }
      }
      if (partition != null) {
        floors.commit(batch, partition, message.at());
      }
    }
    return new TableReply.Rows<>(hybrid.now(), List.of());
  }

  private void remove(Batch batch, Partition partition, byte[] key, byte @Nullable [] stored) {
    batch.delete(rows, key);
    tombstones.remove(batch, key);
    index.change(batch, partition, key, stored, null);
  }

  // --- as replicas are brought together

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
      byte[] stored = store.get(rows, key);
      if (stored == null) {
        continue;
      }
      RowCopy copy = new RowCopy(key, stored, new byte[0]);
      bytes += copy.bytes();
      if (bytes > bytesMax && !copies.isEmpty()) {
        break;
      }
      copies.add(copy);
    }
    return copies;
  }

  @Override
  public List<byte[]> merge(Partition partition, List<RowCopy> copies, Timestamp at) {
    checkTenure(partition);
    List<E> entries = new ArrayList<>();
    for (RowCopy copy : copies) {
      E entry = schema.codec().decode(copy.state());
      if (!partition(entry).equals(partition) || !Arrays.equals(key(entry), copy.key())) {
        throw new GarageException.Corrupt("a row that is not what it is said to be");
      }
      entries.add(entry);
    }
    return merge(at, entries, false);
  }

  /** Nothing is to be done: sent again it comes with a later time. */
  @Override
  public void settle(byte[] key, Deadline deadline) {}

  @Override
  public Timestamp floor(Partition partition) {
    checkTenure(partition);
    return floors.of(partition);
  }

  @Override
  public void raiseFloor(Partition partition, Timestamp floor) {
    checkTenure(partition);
    if (floor.isAfter(floors.of(partition))) {
      hybrid.observe(floor);
      floors.commit(new Batch(), partition, floor);
    }
  }

  @Override
  public void drop(Partition partition, List<byte[]> keys) {
    try (KeyLocks.Held _ = changing(keys)) {
      Batch batch = new Batch();
      for (byte[] key : keys) {
        byte[] stored = store.get(rows, key);
        if (stored != null) {
          schema.onDrop(schema.codec().decode(stored), batch);
          remove(batch, partition, key, stored);
        }
      }
      store.commit(batch);
    }
  }
}
