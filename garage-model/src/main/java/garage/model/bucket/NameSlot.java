package garage.model.bucket;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.db.Batch;
import garage.layout.Partition;
import garage.table.register.RegisterSchema;

/** What the register of a name holds. */
sealed interface NameSlot {
  VersionedCodec<NameSlot> CODEC = VersionedCodec.first(Codec.of(NameSlot::write, NameSlot::read));

  /** It stands for a bucket. */
  record Bound(Alias alias) implements NameSlot {}

  /** It stands for none (any more). */
  record Free() implements NameSlot {}

  private static void write(Writer out, NameSlot slot) {
    switch (slot) {
      case Free() -> out.u8(1);
      case Bound(Alias alias) ->
          out.u8(2).string(alias.scope()).string(alias.name()).value(alias.bucket(), Codec.UUID);
    }
  }

  private static NameSlot read(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Free();
      case 2 -> new Bound(new Alias(in.string(), in.string(), in.value(Codec.UUID)));
      default -> throw new GarageException.Corrupt("unknown kind of name " + kind);
    };
  }

  /** The registers of names: every node has a copy, so the partition means nothing. */
  record Schema(String name) implements RegisterSchema<NameSlot> {
    @Override
    public VersionedCodec<NameSlot> codec() {
      return CODEC;
    }

    @Override
    public NameSlot tombstone() {
      return new Free();
    }

    @Override
    public boolean hasBody(NameSlot version) {
      return false;
    }

    @Override
    public Partition partition(byte[] key) {
      return Partition.of(0);
    }

    @Override
    public void onChange(Change<NameSlot> change, Batch batch) {}
  }
}
