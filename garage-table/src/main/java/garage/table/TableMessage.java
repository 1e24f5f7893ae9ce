package garage.table;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import java.util.List;

/** What a coordinator asks a replica of a table. Every message carries its epoch. */
sealed interface TableMessage<E> {
  /** The epoch the sender believes in. */
  long epoch();

  /**
   * Merge these rows, all of one partition, into what is stored.
   *
   * @param at when they were made, or read: a replica that has collected tombstones since refuses
   *     rows it does not have
   */
  record Insert<E>(long epoch, Timestamp at, List<E> entries) implements TableMessage<E> {
    public Insert {
      entries = List.copyOf(entries);
    }
  }

  /** Show the rows with exactly these store keys, all of one partition. */
  record Get<E>(long epoch, Partition partition, List<byte[]> keys) implements TableMessage<E> {
    public Get {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Show up to {@code limit} rows with store keys of {@code [from, to)}, in order; if {@code
   * floor}, begin at the last row at or before {@code from} that has the first {@code prefix} bytes
   * of it.
   */
  record Range<E>(long epoch, byte[] from, byte[] to, int limit, boolean floor, int prefix)
      implements TableMessage<E> {}

  /**
   * Take away the rows of these keys, all of one partition, that are tombstones: every replica said
   * before {@code at} that they are.
   */
  record Collect<E>(long epoch, Timestamp at, List<byte[]> keys) implements TableMessage<E> {
    public Collect {
      keys = List.copyOf(keys);
    }
  }

  /** The transmitted form. */
  static <E> VersionedCodec<TableMessage<E>> codec(Codec<E> entry) {
    return VersionedCodec.first(Codec.of((out, m) -> write(out, m, entry), in -> read(in, entry)));
  }

  private static <E> void write(Writer out, TableMessage<E> message, Codec<E> entry) {
    switch (message) {
      case Insert<E>(long epoch, Timestamp at, List<E> entries) ->
          out.u8(1).i64(epoch).value(at, Timestamp.CODEC).list(entries, entry);
      case Get<E>(long epoch, Partition partition, List<byte[]> keys) ->
          out.u8(2).i64(epoch).value(partition, Partition.CODEC).list(keys, Codec.BYTES);
      case Range<E>(long epoch, byte[] from, byte[] to, int limit, boolean floor, int prefix) ->
          out.u8(3).i64(epoch).bytes(from).bytes(to).varint(limit).bool(floor).varint(prefix);
      case Collect<E>(long epoch, Timestamp at, List<byte[]> keys) ->
          out.u8(4).i64(epoch).value(at, Timestamp.CODEC).list(keys, Codec.BYTES);
    }
  }

  private static <E> TableMessage<E> read(Reader in, Codec<E> entry) {
    int kind = in.u8();
    long epoch = in.i64();
    return switch (kind) {
      case 1 -> new Insert<>(epoch, in.value(Timestamp.CODEC), in.list(entry));
      case 2 -> new Get<>(epoch, in.value(Partition.CODEC), in.list(Codec.BYTES));
      case 3 -> new Range<>(epoch, in.bytes(), in.bytes(), in.varint32(), in.bool(), in.varint32());
      case 4 -> new Collect<>(epoch, in.value(Timestamp.CODEC), in.list(Codec.BYTES));
      default -> throw new GarageException.Corrupt("unknown table message " + kind);
    };
  }
}
