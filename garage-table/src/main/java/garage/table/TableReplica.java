package garage.table;

import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.rpc.Payload;
import garage.rpc.membership.EpochFence;
import garage.table.sync.MerkleIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of one table on this node: merges what it is sent, in one batch with what follows. */
final class TableReplica<E> {
  /** The most rows one answer holds. */
  static final int RANGE_MAX = 1_000;

  private final TableSchema<E> schema;
  private final Store store;
  private final EpochFence fence;
  private final Tree rows;
  private final MerkleIndex index;
  private final KeyLocks locks = new KeyLocks();

  TableReplica(TableSchema<E> schema, Store store, EpochFence fence) {
    this.schema = schema;
    this.store = store;
    this.fence = fence;
    this.rows = store.tree(schema.name());
    this.index = new MerkleIndex(store, schema.name());
  }

  Payload<TableReply<E>> handle(
      @Nullable NodeId from, Payload<TableMessage<E>> request, Deadline deadline) {
    TableMessage<E> message = request.value();
    fence.check(message.epoch(), from);
    List<E> rows =
        switch (message) {
          case TableMessage.Insert<E>(long _, List<E> entries) -> insert(entries);
          case TableMessage.Get<E>(long _, List<byte[]> keys) -> getAll(keys);
          case TableMessage.Range<E> range -> range(range);
          case TableMessage.Forget<E>(long _, List<E> entries) -> forget(entries);
        };
    fence.check(message.epoch(), from);
    return Payload.of(new TableReply.Rows<>(rows));
  }

  Optional<E> get(byte[] key) {
    byte[] value = store.get(rows, key);
    return value == null ? Optional.empty() : Optional.of(schema.codec().decode(value));
  }

  private List<E> range(TableMessage.Range<E> message) {
    byte[] start = message.floor() ? floor(message) : message.from();
    byte[] end = message.to();
    return range(KeyRange.of(start, end.length == 0 ? null : end), message.limit());
  }

  /** The key of the last row at or before where the range begins; that itself if there is none. */
  private byte[] floor(TableMessage.Range<E> message) {
    byte[] from = message.from();
    if (message.prefix() > from.length) {
      throw new GarageException.Corrupt("a prefix longer than its key");
    }
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

  private List<E> insert(List<E> entries) {
    List<byte[]> keys = entries.stream().map(this::key).toList();
    try (KeyLocks.Held _ = locks.lock(keys)) {
      Batch batch = new Batch();
      for (int i = 0; i < keys.size(); i++) {
        merge(keys.get(i), entries.get(i), batch);
      }
      if (!batch.isEmpty()) {
        store.commit(batch);
      }
    }
    return List.of();
  }

  /** Two entries of one batch never have one key: {@link Table} merges them before. */
  private void merge(byte[] key, E entry, Batch batch) {
    byte[] stored = store.get(rows, key);
    E before = stored == null ? null : schema.codec().decode(stored);
    E after = before == null ? entry : schema.merge(before, entry);
    byte[] encoded = schema.codec().encode(after);
    if (!Arrays.equals(stored, encoded)) {
      batch.put(rows, key, encoded);
      index.change(batch, partition(entry), key, stored, encoded);
      schema.onChange(before, after, batch);
    }
  }

  private List<E> forget(List<E> entries) {
    List<byte[]> keys = entries.stream().map(this::key).toList();
    try (KeyLocks.Held _ = locks.lock(keys)) {
      Batch batch = new Batch();
      for (int i = 0; i < keys.size(); i++) {
        byte[] stored = store.get(rows, keys.get(i));
        if (stored != null && Arrays.equals(stored, schema.codec().encode(entries.get(i)))) {
          batch.delete(rows, keys.get(i));
          index.change(batch, partition(entries.get(i)), keys.get(i), stored, null);
        }
      }
      if (!batch.isEmpty()) {
        store.commit(batch);
      }
    }
    return List.of();
  }
}
