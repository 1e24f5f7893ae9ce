package garage.table.register;

import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import garage.rpc.Payload;
import garage.rpc.membership.EpochFence;
import garage.table.KeyLocks;
import garage.table.sync.MerkleIndex;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The replica's side of the register protocol: applies {@link RegisterRow}'s transitions under the
 * key's lock and answers once the batch is synced. The row, its body, and everything that follows
 * from the change are one batch.
 */
final class RegisterReplica<V> {
  /** A row rewritten this often between two reads of one call has lost its body instead. */
  private static final int READ_ATTEMPTS_MAX = 100;

  private final RegisterSchema<V> schema;
  private final Store store;
  private final HybridClock clock;
  private final EpochFence fence;
  private final NodeId self;
  private final VersionedCodec<RegisterRow<V>> codec;
  private final KeyLocks locks = new KeyLocks();

  /** Apart from the rows' locks: a floor is locked while its row is, and a stripe may hold both. */
  private final KeyLocks floorLocks = new KeyLocks();

  private final MerkleIndex index;
  private final Tree rows;
  private final Tree bodies;
  private final Tree toCollect;
  private final Tree floors;

  RegisterReplica(
      RegisterSchema<V> schema, Store store, HybridClock clock, EpochFence fence, NodeId self) {
    this.schema = schema;
    this.store = store;
    this.clock = clock;
    this.fence = fence;
    this.self = self;
    this.codec = RegisterRow.codec(schema.codec());
    this.index = new MerkleIndex(store, schema.name());
    this.rows = store.tree(schema.name());
    this.bodies = store.tree(RegisterSchema.bodyTree(schema.name()));
    this.toCollect = store.tree(RegisterSchema.collectTree(schema.name()));
    this.floors = store.tree(RegisterSchema.floorTree(schema.name()));
  }

  Payload<RegisterReply<V>> handle(
      @Nullable NodeId from, Payload<RegisterMessage<V>> request, Deadline deadline) {
    RegisterMessage<V> message = request.value();
    long epoch = message.epoch();
    fence.check(epoch, from);
    Payload<RegisterReply<V>> reply =
        switch (message) {
          case RegisterMessage.Accept<V> accept -> Payload.of(accept(accept, request.attachment()));
          case RegisterMessage.Prepare<V> prepare -> Payload.of(prepare(prepare));
          case RegisterMessage.Read<V> read -> read(read);
          case RegisterMessage.Collect<V> collect ->
              // not even begun in this epoch and ended in the next: a new replica that took this
              // one's floor before, and its rows after, would miss both
              Payload.of(fence.during(epoch, from, () -> collect(collect)));
        };
    fence.check(epoch, from);
    return reply;
  }

  /** The decoded row of a key and value read from the tree by a scan. */
  RegisterRow<V> decode(byte[] value) {
    return codec.decode(value);
  }

  private RegisterReply<V> accept(RegisterMessage.Accept<V> message, ByteBuffer body) {
    clock.observe(message.ballot());
    byte[] key = message.key();
    try (KeyLocks.Held _ = locks.lock(key)) {
      RegisterRow<V> row = load(key);
      Optional<RegisterRow<V>> next = row.accept(message.ballot(), message.id(), message.version());
      if (next.isEmpty()) {
        return new RegisterReply.Refused<>(row.highest());
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
    index.change(batch, schema.partition(key), key, row.stateBytes(), next.stateBytes());
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
    schema.onChange(key, before, after, batch);
    return batch;
  }

  private RegisterReply<V> prepare(RegisterMessage.Prepare<V> message) {
    clock.observe(message.ballot());
    byte[] key = message.key();
    try (KeyLocks.Held _ = locks.lock(key)) {
      RegisterRow<V> row = load(key);
      Optional<RegisterRow<V>> next = row.prepare(message.ballot());
      if (next.isEmpty()) {
        return new RegisterReply.Refused<>(row.highest());
      }
      store.commit(new Batch().put(rows, key, codec.encode(next.get())));
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

  private RegisterReply<V> collect(RegisterMessage.Collect<V> message) {
    byte[] key = message.key();
    try (KeyLocks.Held _ = locks.lock(key)) {
      RegisterRow<V> row = load(key);
      if (!row.ballot().equals(message.ballot()) || !schema.tombstone().equals(row.version())) {
        return new RegisterReply.Refused<>(row.highest());
      }
      byte[] floorKey = {(byte) schema.partition(key).number()};
      try (KeyLocks.Held _ = floorLocks.lock(floorKey)) {
        Timestamp floor = floor(floorKey).max(row.highest());
        Batch batch =
            new Batch()
                .delete(rows, key)
                .delete(toCollect, key)
                .put(floors, floorKey, new Writer().value(floor, Timestamp.CODEC).toBytes());
        index.change(batch, schema.partition(key), key, row.stateBytes(), null);
        store.commit(batch);
      }
      return new RegisterReply.Yes<>(row.highest());
    }
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
