package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import org.jspecify.annotations.Nullable;

/** What a replica answers. Everything but a refusal shows synced state only. */
sealed interface RegisterReply<V> {
  /**
   * The highest ballot the replica has seen for the key; the coordinator's clock moves above it.
   */
  Timestamp highest();

  /** Whether the replica's {@link Doors door} of the key's group is closed, as far as it says. */
  default boolean closed() {
    return false;
  }

  /** Done: stored, or collected. */
  record Yes<V>(Timestamp highest, boolean closed) implements RegisterReply<V> {}

  /**
   * Nothing was done now: something newer is stored or promised.
   *
   * @param never whether it was not done before either: a call whose connection is lost is made
   *     again, and then the first answer is not known
   */
  record Refused<V>(Timestamp highest, boolean never) implements RegisterReply<V> {}

  /**
   * Nothing was done now, or is shown: the group of the key takes no versions.
   *
   * @param gone whether it never will again
   * @param never as of {@link Refused}
   */
  record Closed<V>(Timestamp highest, boolean gone, boolean never) implements RegisterReply<V> {
    @Override
    public boolean closed() {
      return true;
    }
  }

  /**
   * The row, for a read or a promise; {@code held} answers for the id asked about, {@link
   * RegisterRow.Held.Unknown} for a read. A body asked for is the attachment.
   */
  record State<V>(
      Timestamp highest,
      Timestamp ballot,
      Timestamp id,
      @Nullable V version,
      boolean closed,
      RegisterRow.Held held)
      implements RegisterReply<V> {
    /** Whether this and {@code other} show one acceptance: the ballot too, never the id alone. */
    boolean agreesWith(State<V> other) {
      return ballot.equals(other.ballot) && id.equals(other.id);
    }
  }

  /** The transmitted form. */
  static <V> VersionedCodec<RegisterReply<V>> codec(Codec<V> version) {
    return VersionedCodec.first(
        Codec.of((out, r) -> write(out, r, version), in -> read(in, version)));
  }

  private static <V> void write(Writer out, RegisterReply<V> reply, Codec<V> version) {
    switch (reply) {
      case Yes<V>(Timestamp highest, boolean closed) ->
          out.u8(1).value(highest, Timestamp.CODEC).bool(closed);
      case Refused<V>(Timestamp highest, boolean never) ->
          out.u8(2).value(highest, Timestamp.CODEC).bool(never);
      case Closed<V>(Timestamp highest, boolean gone, boolean never) ->
          out.u8(3).value(highest, Timestamp.CODEC).bool(gone).bool(never);
      case State<V> state -> {
        out.u8(4)
            .value(state.highest, Timestamp.CODEC)
            .value(state.ballot, Timestamp.CODEC)
            .value(state.id, Timestamp.CODEC)
            .optional(state.version, version)
            .bool(state.closed);
        switch (state.held) {
          case RegisterRow.Held.Yes(Timestamp at) -> out.u8(1).value(at, Timestamp.CODEC);
          case RegisterRow.Held.No() -> out.u8(2);
          case RegisterRow.Held.Unknown() -> out.u8(3);
        }
      }
    }
  }

  private static <V> RegisterReply<V> read(Reader in, Codec<V> version) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Yes<>(in.value(Timestamp.CODEC), in.bool());
      case 2 -> new Refused<>(in.value(Timestamp.CODEC), in.bool());
      case 3 -> new Closed<>(in.value(Timestamp.CODEC), in.bool(), in.bool());
      case 4 ->
          new State<>(
              in.value(Timestamp.CODEC),
              in.value(Timestamp.CODEC),
              in.value(Timestamp.CODEC),
              in.optional(version),
              in.bool(),
              readHeld(in));
      default -> throw new GarageException.Corrupt("unknown register reply " + kind);
    };
  }

  private static RegisterRow.Held readHeld(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new RegisterRow.Held.Yes(in.value(Timestamp.CODEC));
      case 2 -> new RegisterRow.Held.No();
      case 3 -> new RegisterRow.Held.Unknown();
      default -> throw new GarageException.Corrupt("unknown answer on a version " + kind);
    };
  }
}
