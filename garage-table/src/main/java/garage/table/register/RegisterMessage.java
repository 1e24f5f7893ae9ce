package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import org.jspecify.annotations.Nullable;

/** What a coordinator asks a replica of a register. Every message carries its epoch. */
sealed interface RegisterMessage<V> {
  /** The epoch the sender believes in. */
  long epoch();

  /** The register's key. */
  byte[] key();

  /**
   * Store {@code version}; its body, if it has one, is the call's attachment.
   *
   * @param guarded whether a closed {@link Doors door} refuses it, as does in any case one that is
   *     closed for good
   */
  record Accept<V>(
      long epoch, byte[] key, Timestamp ballot, Timestamp id, V version, boolean guarded)
      implements RegisterMessage<V> {}

  /**
   * Accept nothing below {@code ballot}, and say what of {@code id} is known.
   *
   * @param guarded whether that is refused where the door is closed
   */
  record Prepare<V>(long epoch, byte[] key, Timestamp ballot, Timestamp id, boolean guarded)
      implements RegisterMessage<V> {}

  /** Show the row; the node {@code bodyFrom} attaches the version's body. */
  record Read<V>(long epoch, byte[] key, @Nullable NodeId bodyFrom) implements RegisterMessage<V> {}

  /** The transmitted form. */
  static <V> VersionedCodec<RegisterMessage<V>> codec(Codec<V> version) {
    return VersionedCodec.first(
        Codec.of((out, m) -> write(out, m, version), in -> read(in, version)));
  }

  private static <V> void write(Writer out, RegisterMessage<V> message, Codec<V> version) {
    switch (message) {
      case Accept<V>(long epoch, byte[] key, Timestamp b, Timestamp id, V v, boolean guarded) ->
          out.u8(1)
              .i64(epoch)
              .bytes(key)
              .value(b, Timestamp.CODEC)
              .value(id, Timestamp.CODEC)
              .value(v, version)
              .bool(guarded);
      case Prepare<V>(long epoch, byte[] key, Timestamp b, Timestamp id, boolean guarded) ->
          out.u8(2)
              .i64(epoch)
              .bytes(key)
              .value(b, Timestamp.CODEC)
              .value(id, Timestamp.CODEC)
              .bool(guarded);
      case Read<V>(long epoch, byte[] key, NodeId from) ->
          out.u8(3).i64(epoch).bytes(key).optional(from, Codec.NODE_ID);
    }
  }

  private static <V> RegisterMessage<V> read(Reader in, Codec<V> version) {
    int kind = in.u8();
    long epoch = in.i64();
    byte[] key = in.bytes();
    return switch (kind) {
      case 1 ->
          new Accept<>(
              epoch,
              key,
              in.value(Timestamp.CODEC),
              in.value(Timestamp.CODEC),
              in.value(version),
              in.bool());
      case 2 ->
          new Prepare<>(
              epoch, key, in.value(Timestamp.CODEC), in.value(Timestamp.CODEC), in.bool());
      case 3 -> new Read<>(epoch, key, in.optional(Codec.NODE_ID));
      default -> throw new GarageException.Corrupt("unknown register message " + kind);
    };
  }
}
