package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import java.util.List;

/** What is asked of the replicas of some keys whose tombstones are to be taken away. */
sealed interface CollectMessage {
  /** The epoch the sender believes in. */
  long epoch();

  /** Show the ballots of the tombstones of these keys. */
  record Confirm(long epoch, List<byte[]> keys) implements CollectMessage {
    public Confirm {
      keys = List.copyOf(keys);
    }
  }

  /** Delete the rows that still hold the tombstones accepted at these ballots. */
  record Collect(long epoch, List<Confirmed> rows) implements CollectMessage {
    public Collect {
      rows = List.copyOf(rows);
    }
  }

  /** A tombstone that every replica has. */
  record Confirmed(byte[] key, Timestamp ballot) {
    private static final Codec<Confirmed> CODEC =
        Codec.of(
            (out, c) -> out.bytes(c.key).value(c.ballot, Timestamp.CODEC),
            in -> new Confirmed(in.bytes(), in.value(Timestamp.CODEC)));
  }

  /** The transmitted form. */
  VersionedCodec<CollectMessage> CODEC =
      VersionedCodec.first(Codec.of(CollectMessage::write, CollectMessage::read));

  private static void write(Writer out, CollectMessage message) {
    switch (message) {
      case Confirm(long epoch, List<byte[]> keys) -> out.u8(1).i64(epoch).list(keys, Codec.BYTES);
      case Collect(long epoch, List<Confirmed> rows) ->
          out.u8(2).i64(epoch).list(rows, Confirmed.CODEC);
    }
  }

  private static CollectMessage read(Reader in) {
    int kind = in.u8();
    long epoch = in.i64();
    return switch (kind) {
      case 1 -> new Confirm(epoch, in.list(Codec.BYTES));
      case 2 -> new Collect(epoch, in.list(Confirmed.CODEC));
      default -> throw new GarageException.Corrupt("unknown collect message " + kind);
    };
  }
}
