package garage.table;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import java.util.List;

/** What a replica of a table answers. */
sealed interface TableReply<E> {
  /**
   * The rows asked for; after a change, nothing.
   *
   * @param at the replica's time, before it read them, or after it made the change
   */
  record Rows<E>(Timestamp at, List<E> entries) implements TableReply<E> {
    public Rows {
      entries = List.copyOf(entries);
    }
  }

  /**
   * Nothing was done: a row is not here, and may have been collected at {@code floor}, after what
   * was sent was made or read.
   */
  record Refused<E>(Timestamp floor) implements TableReply<E> {}

  /** The transmitted form. */
  static <E> VersionedCodec<TableReply<E>> codec(Codec<E> entry) {
    return VersionedCodec.first(Codec.of((out, r) -> write(out, r, entry), in -> read(in, entry)));
  }

  private static <E> void write(Writer out, TableReply<E> reply, Codec<E> entry) {
    switch (reply) {
      case Rows<E>(Timestamp at, List<E> entries) ->
          out.u8(1).value(at, Timestamp.CODEC).list(entries, entry);
      case Refused<E>(Timestamp floor) -> out.u8(2).value(floor, Timestamp.CODEC);
    }
  }

  private static <E> TableReply<E> read(Reader in, Codec<E> entry) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Rows<>(in.value(Timestamp.CODEC), in.list(entry));
      case 2 -> new Refused<>(in.value(Timestamp.CODEC));
      default -> throw new GarageException.Corrupt("unknown table reply " + kind);
    };
  }
}
