package garage.table.sync;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one replica asks another to become equal. Every message carries its epoch. */
sealed interface SyncMessage {
  VersionedCodec<SyncMessage> CODEC =
      VersionedCodec.first(Codec.of(SyncMessage::write, SyncMessage::read));

  /** The epoch the sender believes in. */
  long epoch();

  /** The roots of these partitions. */
  record Roots(long epoch, List<Partition> partitions) implements SyncMessage {
    public Roots {
      partitions = List.copyOf(partitions);
    }
  }

  /** The sums of a partition's slots, and its floor. */
  record Sums(long epoch, Partition partition) implements SyncMessage {}

  /** The leaves of these slots, in order, from {@code from} in the first of them. */
  record Leaves(long epoch, Partition partition, List<Integer> slots, byte @Nullable [] after)
      implements SyncMessage {
    public Leaves {
      slots = List.copyOf(slots);
    }
  }

  /** The rows of these keys, as they are after {@code at}. */
  record Fetch(long epoch, Partition partition, Timestamp at, List<byte[]> keys)
      implements SyncMessage {
    public Fetch {
      keys = List.copyOf(keys);
    }
  }

  /** Take in these rows, held by the sender at {@code at}. */
  record Push(long epoch, Partition partition, Timestamp at, List<RowCopy> rows)
      implements SyncMessage {
    public Push {
      rows = List.copyOf(rows);
    }
  }

  /** Whether the receiver has become equal to every other replica in this epoch. */
  record Settled(long epoch, Partition partition) implements SyncMessage {}

  private static void write(Writer out, SyncMessage message) {
    switch (message) {
      case Roots(long epoch, List<Partition> partitions) ->
          out.u8(1).i64(epoch).list(partitions, Partition.CODEC);
      case Sums(long epoch, Partition partition) ->
          out.u8(2).i64(epoch).value(partition, Partition.CODEC);
      case Leaves(long epoch, Partition partition, List<Integer> slots, byte[] after) ->
          out.u8(3)
              .i64(epoch)
              .value(partition, Partition.CODEC)
              .list(slots, Codec.VARINT32)
              .optional(after, Codec.BYTES);
      case Fetch(long epoch, Partition partition, Timestamp at, List<byte[]> keys) ->
          out.u8(4)
              .i64(epoch)
              .value(partition, Partition.CODEC)
              .value(at, Timestamp.CODEC)
              .list(keys, Codec.BYTES);
      case Push(long epoch, Partition partition, Timestamp at, List<RowCopy> rows) ->
          out.u8(5)
              .i64(epoch)
              .value(partition, Partition.CODEC)
              .value(at, Timestamp.CODEC)
              .list(rows, RowCopy.CODEC);
      case Settled(long epoch, Partition partition) ->
          out.u8(6).i64(epoch).value(partition, Partition.CODEC);
    }
  }

  private static SyncMessage read(Reader in) {
    int kind = in.u8();
    long epoch = in.i64();
    if (kind == 1) {
      return new Roots(epoch, in.list(Partition.CODEC));
    }
    Partition partition = in.value(Partition.CODEC);
    return switch (kind) {
      case 2 -> new Sums(epoch, partition);
      case 3 -> new Leaves(epoch, partition, in.list(Codec.VARINT32), in.optional(Codec.BYTES));
      case 4 -> new Fetch(epoch, partition, in.value(Timestamp.CODEC), in.list(Codec.BYTES));
      case 5 -> new Push(epoch, partition, in.value(Timestamp.CODEC), in.list(RowCopy.CODEC));
      case 6 -> new Settled(epoch, partition);
      default -> throw new GarageException.Corrupt("unknown sync message " + kind);
    };
  }
}
