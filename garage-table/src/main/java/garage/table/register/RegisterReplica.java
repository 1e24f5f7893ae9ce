package garage.table.register;

import garage.common.env.Deadline;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.Store;
import garage.layout.Partition;
import garage.rpc.Payload;
import garage.rpc.membership.EpochFence;
import garage.table.KeyLocks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The replica's side of the register protocol: applies {@link RegisterRow}'s transitions under the
 * key's lock and answers once the batch is synced.
 */
final class RegisterReplica<V> {
  private final RegisterSchema<V> schema;
  private final RegisterRows<V> rows;
  private final Store store;
  private final HybridClock clock;
  private final EpochFence fence;
  private final NodeId self;
  private final Standing standing;
  private final @Nullable Doors doors;

  RegisterReplica(
      RegisterRows<V> rows, Standing standing, Register.Context context, @Nullable Doors doors) {
    this.schema = rows.schema();
    this.rows = rows;
    this.store = context.store();
    this.clock = context.hybrid();
    this.fence = context.placement().fence();
    this.self = context.rpc().self();
    this.standing = standing;
    this.doors = doors;
  }

  Payload<RegisterReply<V>> handle(
      @Nullable NodeId from, Payload<RegisterMessage<V>> request, Deadline deadline) {
    RegisterMessage<V> message = request.value();
    long epoch = message.epoch();
    fence.check(epoch, from);
    standing.checkMember(schema.partition(message.key()));
    Payload<RegisterReply<V>> reply =
        switch (message) {
          case RegisterMessage.Accept<V> accept -> Payload.of(accept(accept, request.attachment()));
          case RegisterMessage.Prepare<V> prepare -> Payload.of(prepare(prepare));
          case RegisterMessage.Read<V> read -> read(read);
        };
    fence.check(epoch, from);
    return reply;
  }

  Standing standing() {
    return standing;
  }

  /** The row of {@code key}, where this replica counts. */
  RegisterRow<V> memberRow(byte[] key) {
    standing.checkMember(schema.partition(key));
    return rows.load(key);
  }

  /** What is stored here. */
  RegisterRows<V> rows() {
    return rows;
  }

  /** Whether the door of a key's group is closed. */
  boolean isClosed(byte[] key) {
    return door(key) != null;
  }

  /** The door of a key's group, to be looked at under the key's lock; null if it is open. */
  private Doors.@Nullable Door door(byte[] key) {
    return doors == null ? null : doors.of(key);
  }

  /** The door that keeps a version out, see {@link Doors}; null if none does. */
  private Doors.@Nullable Door keepsOut(RegisterMessage.Accept<V> message) {
    Doors.Door door = door(message.key());
    if (door == null || schema.isTombstone(message.version())) {
      return null;
    }
    return door.gone() || message.guarded() ? door : null;
  }

  // ---- the transitions of a row

  private RegisterReply<V> accept(RegisterMessage.Accept<V> message, ByteBuffer body) {
    clock.observe(message.ballot());
    byte[] key = message.key();
    try (KeyLocks.Held _ = rows.changing(key);
        KeyLocks.Held _ = schema.guard(List.of(key))) {
      RegisterRow<V> row = rows.load(key);
      Doors.Door door = keepsOut(message);
      boolean never = row.held(message.id()) instanceof RegisterRow.Held.No;
      if (door != null) {
        return new RegisterReply.Closed<>(row.highest(), door.gone(), never);
      }
      Optional<RegisterRow<V>> next = row.accept(message.ballot(), message.id(), message.version());
      if (next.isEmpty()) {
        return new RegisterReply.Refused<>(row.highest(), never);
      }
      if (!next.get().equals(row)) {
        store.commit(rows.change(key, row, next.get(), body));
      }
      return new RegisterReply.Yes<>(next.get().highest(), isClosed(key));
    }
  }

  private RegisterReply<V> prepare(RegisterMessage.Prepare<V> message) {
    clock.observe(message.ballot());
    byte[] key = message.key();
    try (KeyLocks.Held _ = rows.changing(key)) {
      RegisterRow<V> row = rows.load(key);
      Doors.Door door = message.guarded() ? door(key) : null;
      boolean never = row.held(message.id()) instanceof RegisterRow.Held.No;
      if (door != null) {
        return new RegisterReply.Closed<>(row.highest(), door.gone(), never);
      }
      Optional<RegisterRow<V>> next = row.prepare(message.ballot());
      if (next.isEmpty()) {
        return new RegisterReply.Refused<>(row.highest(), never);
      }
      store.commit(rows.promise(key, next.get()));
      return state(next.get(), isClosed(key), row.held(message.id()));
    }
  }

  private Payload<RegisterReply<V>> read(RegisterMessage.Read<V> message) {
    byte[] key = message.key();
    Doors.Door door = door(key);
    if (door != null && door.gone()) {
      return Payload.of(new RegisterReply.Closed<>(rows.load(key).highest(), true, false));
    }
    RegisterRows.Whole<V> whole = self.equals(message.bodyFrom()) ? rows.whole(key) : null;
    RegisterRow<V> row = whole == null ? rows.load(key) : whole.row();
    ByteBuffer body = whole == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(whole.body());
    RegisterReply<V> state = state(row, door != null, new RegisterRow.Held.Unknown());
    return new Payload<>(state, body.asReadOnlyBuffer());
  }

  private RegisterReply<V> state(RegisterRow<V> row, boolean closed, RegisterRow.Held held) {
    return new RegisterReply.State<>(
        row.highest(), row.ballot(), row.id(), row.version(), closed, held);
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
            keys.forEach(key -> standing.checkMember(schema.partition(key)));
            yield new CollectReply(keys.stream().map(this::tombstone).toList());
          }
          case CollectMessage.Collect(long epoch, List<CollectMessage.Confirmed> rows) -> {
            rows.forEach(row -> standing.checkMember(schema.partition(row.key())));
            yield fence.during(epoch, from, () -> collect(rows));
          }
        };
    fence.check(message.epoch(), from);
    return reply;
  }

  /**
   * The ballot of the tombstone that {@code key} holds. One that was promised to a ballot too far
   * ahead stays until that is over: the floor it leaves would refuse all new keys that long.
   */
  private Optional<Timestamp> tombstone(byte[] key) {
    RegisterRow<V> row = rows.load(key);
    return schema.isTombstone(row.version()) && !clock.isAhead(row.highest())
        ? Optional.of(row.ballot())
        : Optional.empty();
  }

  private CollectReply collect(List<CollectMessage.Confirmed> wanted) {
    List<byte[]> keys = wanted.stream().map(CollectMessage.Confirmed::key).toList();
    List<Optional<Timestamp>> gone = new ArrayList<>();
    try (KeyLocks.Held _ = rows.changing(keys)) {
      Map<Partition, Timestamp> raised = new TreeMap<>();
      Batch batch = new Batch();
      for (CollectMessage.Confirmed one : wanted) {
        RegisterRow<V> row = rows.load(one.key());
        boolean same = tombstone(one.key()).equals(Optional.of(one.ballot()));
        gone.add(same ? Optional.of(one.ballot()) : Optional.empty());
        if (same) {
          Partition partition = schema.partition(one.key());
          Timestamp before = raised.getOrDefault(partition, Timestamp.ZERO);
          raised.put(partition, before.max(row.highest()));
          rows.remove(partition, one.key(), row, batch);
        }
      }
      rows.raiseFloors(raised, batch);
    }
    return new CollectReply(gone);
  }
}
