package garage.model.bucket;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.layout.Partition;
import garage.table.register.RegisterSchema;

/** What is decided on the deletion of a bucket. */
sealed interface Fate {
  VersionedCodec<Fate> CODEC = VersionedCodec.first(Codec.of(Fate::write, Fate::read));

  /** Nothing: nobody is deleting it. */
  record Standing() implements Fate {}

  /** Somebody makes sure that it is empty, and may decide that it is gone while this stands. */
  record Closing(Timestamp attempt) implements Fate {}

  /** It is deleted, once and for ever. */
  record Gone() implements Fate {}

  private static void write(Writer out, Fate fate) {
    switch (fate) {
      case Standing() -> out.u8(1);
      case Closing(Timestamp attempt) -> out.u8(2).value(attempt, Timestamp.CODEC);
      case Gone() -> out.u8(3);
    }
  }

  private static Fate read(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Standing();
      case 2 -> new Closing(in.value(Timestamp.CODEC));
      case 3 -> new Gone();
      default -> throw new GarageException.Corrupt("unknown fate of a bucket " + kind);
    };
  }

  /** The registers of fates, by the bucket's id; every node has a copy. */
  record Schema(String name) implements RegisterSchema<Fate> {
    @Override
    public VersionedCodec<Fate> codec() {
      return CODEC;
    }

    @Override
    public Fate tombstone() {
      return new Standing();
    }

    @Override
    public boolean hasBody(Fate version) {
      return false;
    }

    @Override
    public Partition partition(byte[] key) {
      return Partition.of(0);
    }

    @Override
    public void onChange(Change<Fate> change, Batch batch) {}
  }
}
