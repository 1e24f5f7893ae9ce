package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import garage.table.sync.MerkleIndex;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a replica answers to a {@link PullMessage}; synced state only. */
sealed interface PullReply<V> {
  /** The partitions it may speak for. */
  record Survey<V>(List<Surveyed> partitions) implements PullReply<V> {
    public Survey {
      partitions = List.copyOf(partitions);
    }
  }

  /** The digest of a partition's rows, and its floor. */
  record Surveyed(Partition partition, Hash root, Timestamp floor) {
    static final Codec<Surveyed> CODEC =
        Codec.of(
            (out, s) ->
                out.value(s.partition, Partition.CODEC)
                    .value(s.root, Codec.HASH)
                    .value(s.floor, Timestamp.CODEC),
            in ->
                new Surveyed(
                    in.value(Partition.CODEC), in.value(Codec.HASH), in.value(Timestamp.CODEC)));
  }

  /** One for each slot. */
  record Sums<V>(List<Long> sums) implements PullReply<V> {
    public Sums {
      sums = List.copyOf(sums);
    }
  }

  /** Keys with their partition's number before them; none at the end. */
  record Promised<V>(List<byte[]> keys) implements PullReply<V> {
    public Promised {
      keys = List.copyOf(keys);
    }
  }

  /** Closed doors in the order of groups; none at the end. */
  record Closed<V>(List<Doors.Closed> doors) implements PullReply<V> {
    public Closed {
      doors = List.copyOf(doors);
    }
  }

  /** Rows, and where the next page begins; null at the end. */
  record Rows<V>(List<Row<V>> rows, MerkleIndex.@Nullable Position next) implements PullReply<V> {
    public Rows {
      rows = List.copyOf(rows);
    }
  }

  /** A row; {@code version} and {@code body} only where content was asked for. */
  record Row<V>(
      byte[] key,
      Timestamp promise,
      Timestamp ballot,
      Timestamp id,
      @Nullable V version,
      byte[] body) {
    static <V> Codec<Row<V>> codec(Codec<V> version) {
      return Codec.of(
          (out, r) ->
              out.bytes(r.key)
                  .value(r.promise, Timestamp.CODEC)
                  .value(r.ballot, Timestamp.CODEC)
                  .value(r.id, Timestamp.CODEC)
                  .optional(r.version, version)
                  .bytes(r.body),
          in ->
              new Row<>(
                  in.bytes(),
                  in.value(Timestamp.CODEC),
                  in.value(Timestamp.CODEC),
                  in.value(Timestamp.CODEC),
                  in.optional(version),
                  in.bytes()));
    }
  }

  Codec<Long> SUM = Codec.of((out, sum) -> out.i64(sum), in -> in.i64());

  /** The transmitted form. */
  static <V> VersionedCodec<PullReply<V>> codec(Codec<V> version) {
    Codec<Row<V>> row = Row.codec(version);
    return VersionedCodec.first(Codec.of((out, r) -> write(out, r, row), in -> read(in, row)));
  }

  private static <V> void write(Writer out, PullReply<V> reply, Codec<Row<V>> row) {
    switch (reply) {
      case Survey<V>(List<Surveyed> partitions) -> out.u8(1).list(partitions, Surveyed.CODEC);
      case Sums<V>(List<Long> sums) -> out.u8(2).list(sums, SUM);
      case Promised<V>(List<byte[]> keys) -> out.u8(3).list(keys, Codec.BYTES);
      case Closed<V>(List<Doors.Closed> doors) -> out.u8(5).list(doors, Doors.Closed.CODEC);
      case Rows<V>(List<Row<V>> rows, MerkleIndex.Position next) ->
          out.u8(4).list(rows, row).optional(next, PullMessage.POSITION);
    }
  }

  private static <V> PullReply<V> read(Reader in, Codec<Row<V>> row) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Survey<>(in.list(Surveyed.CODEC));
      case 2 -> new Sums<>(in.list(SUM));
      case 3 -> new Promised<>(in.list(Codec.BYTES));
      case 4 -> new Rows<>(in.list(row), in.optional(PullMessage.POSITION));
      case 5 -> new Closed<>(in.list(Doors.Closed.CODEC));
      default -> throw new GarageException.Corrupt("unknown pull reply " + kind);
    };
  }
}
