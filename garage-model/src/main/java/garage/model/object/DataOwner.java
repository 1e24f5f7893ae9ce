package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;

/** What will refer to data that is being written. */
public sealed interface DataOwner {
  Codec<DataOwner> FIELDS = Codec.of(DataOwner::write, DataOwner::read);
  VersionedCodec<DataOwner> CODEC = VersionedCodec.first(FIELDS);

  /** The object it is of, or is to be a part of. */
  ObjectKey object();

  /** An object, by its content. */
  record OfObject(ObjectKey object) implements DataOwner {}

  /** An attempt at a part of an upload. */
  record OfPart(ObjectKey object, Uuid uploadId, int number, Timestamp at) implements DataOwner {}

  private static void write(Writer out, DataOwner owner) {
    switch (owner) {
      case OfObject(ObjectKey object) ->
          out.u8(1).value(object.bucket(), Codec.UUID).string(object.key());
      case OfPart(ObjectKey object, Uuid uploadId, int number, Timestamp at) ->
          out.u8(2)
              .value(object.bucket(), Codec.UUID)
              .string(object.key())
              .value(uploadId, Codec.UUID)
              .varint(number)
              .value(at, Timestamp.CODEC);
    }
  }

  private static DataOwner read(Reader in) {
    int kind = in.u8();
    ObjectKey object = new ObjectKey(in.value(Codec.UUID), in.string());
    return switch (kind) {
      case 1 -> new OfObject(object);
      case 2 -> new OfPart(object, in.value(Codec.UUID), in.varint32(), in.value(Timestamp.CODEC));
      default -> throw new GarageException.Corrupt("unknown kind of data owner " + kind);
    };
  }
}
