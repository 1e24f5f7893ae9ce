package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.time.Timestamp;

/** What who deletes a group asks every replica. */
sealed interface DoorMessage {
  /** Close the door, and show what the group holds. */
  record Close(long epoch, Bytes32 group, Timestamp attempt) implements DoorMessage {}

  /** The attempt has come to nothing. */
  record Open(Bytes32 group, Timestamp attempt) implements DoorMessage {}

  /** The group is gone for good. */
  record End(Bytes32 group, Timestamp attempt) implements DoorMessage {}

  VersionedCodec<DoorMessage> CODEC =
      VersionedCodec.first(Codec.of(DoorMessage::write, DoorMessage::read));

  private static void write(Writer out, DoorMessage message) {
    switch (message) {
      case Close(long epoch, Bytes32 group, Timestamp attempt) ->
          out.u8(1).i64(epoch).bytes32(group).value(attempt, Timestamp.CODEC);
      case Open(Bytes32 group, Timestamp attempt) ->
          out.u8(2).bytes32(group).value(attempt, Timestamp.CODEC);
      case End(Bytes32 group, Timestamp attempt) ->
          out.u8(3).bytes32(group).value(attempt, Timestamp.CODEC);
    }
  }

  private static DoorMessage read(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Close(in.i64(), in.bytes32(), in.value(Timestamp.CODEC));
      case 2 -> new Open(in.bytes32(), in.value(Timestamp.CODEC));
      case 3 -> new End(in.bytes32(), in.value(Timestamp.CODEC));
      default -> throw new GarageException.Corrupt("unknown door message " + kind);
    };
  }
}
