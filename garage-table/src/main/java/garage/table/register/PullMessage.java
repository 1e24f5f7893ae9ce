package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.table.sync.MerkleIndex;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a node that is being filled or verified asks the replicas it is filled from. */
sealed interface PullMessage {
  /** The epoch the sender believes in. */
  long epoch();

  /** The digests and floors of those of these partitions that the replica may speak for. */
  record Survey(long epoch, PartitionSet partitions) implements PullMessage {}

  /** The digests of the slots of one partition. */
  record Sums(long epoch, Partition partition) implements PullMessage {}

  /** The keys of these partitions that are promised above their ballot, after {@code after}. */
  record Promised(long epoch, PartitionSet partitions, byte[] after) implements PullMessage {}

  /** A page of the closed doors after {@code after}. */
  record Doors(long epoch, @Nullable Bytes32 after) implements PullMessage {}

  /** The ballots of the rows in some slots, ascending, of one partition, from a position on. */
  record Rows(long epoch, Partition partition, List<Integer> slots, MerkleIndex.Position from)
      implements PullMessage {
    public Rows {
      slots = List.copyOf(slots);
    }
  }

  /** These rows with versions and bodies; as many of the first ones as fit into an answer. */
  record Fetch(long epoch, List<byte[]> keys) implements PullMessage {
    public Fetch {
      keys = List.copyOf(keys);
    }
  }

  /** A place among the rows of a partition. */
  Codec<MerkleIndex.Position> POSITION =
      Codec.of(
          (out, p) -> out.varint(p.slot()).optional(p.after(), Codec.BYTES),
          in -> new MerkleIndex.Position(in.varint32(), in.optional(Codec.BYTES)));

  VersionedCodec<PullMessage> CODEC =
      VersionedCodec.first(Codec.of(PullMessage::write, PullMessage::read));

  Codec<Integer> SLOT = Codec.of((out, slot) -> out.varint(slot), in -> in.varint32());

  private static void write(Writer out, PullMessage message) {
    switch (message) {
      case Survey(long epoch, PartitionSet set) ->
          out.u8(1).i64(epoch).value(set, PartitionSet.CODEC);
      case Sums(long epoch, Partition partition) ->
          out.u8(2).i64(epoch).value(partition, Partition.CODEC);
      case Promised(long epoch, PartitionSet set, byte[] after) ->
          out.u8(3).i64(epoch).value(set, PartitionSet.CODEC).bytes(after);
      case Rows(long epoch, Partition partition, List<Integer> slots, MerkleIndex.Position from) ->
          out.u8(4)
              .i64(epoch)
              .value(partition, Partition.CODEC)
              .list(slots, SLOT)
              .value(from, POSITION);
      case Doors(long epoch, Bytes32 after) -> out.u8(6).i64(epoch).optional(after, Codec.BYTES32);
      case Fetch(long epoch, List<byte[]> keys) -> out.u8(5).i64(epoch).list(keys, Codec.BYTES);
    }
  }

  private static PullMessage read(Reader in) {
    int kind = in.u8();
    long epoch = in.i64();
    return switch (kind) {
      case 1 -> new Survey(epoch, in.value(PartitionSet.CODEC));
      case 2 -> new Sums(epoch, in.value(Partition.CODEC));
      case 3 -> new Promised(epoch, in.value(PartitionSet.CODEC), in.bytes());
      case 4 -> new Rows(epoch, in.value(Partition.CODEC), in.list(SLOT), in.value(POSITION));
      case 5 -> new Fetch(epoch, in.list(Codec.BYTES));
      case 6 -> new Doors(epoch, in.optional(Codec.BYTES32));
      default -> throw new GarageException.Corrupt("unknown pull message " + kind);
    };
  }
}
