package garage.table;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import java.util.List;

/** What a replica of a table answers. */
sealed interface TableReply<E> {
  /** The rows asked for; after an insert, nothing. */
  record Rows<E>(List<E> entries) implements TableReply<E> {
    public Rows {
      entries = List.copyOf(entries);
    }
  }

  /** The transmitted form. */
  static <E> VersionedCodec<TableReply<E>> codec(Codec<E> entry) {
    return VersionedCodec.first(Codec.of((out, r) -> write(out, r, entry), in -> read(in, entry)));
  }

  private static <E> void write(Writer out, TableReply<E> reply, Codec<E> entry) {
    switch (reply) {
      case Rows<E>(List<E> entries) -> out.u8(1).list(entries, entry);
    }
  }

  private static <E> TableReply<E> read(Reader in, Codec<E> entry) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Rows<>(in.list(entry));
      default -> throw new GarageException.Corrupt("unknown table reply " + kind);
    };
  }
}
