package garage.model.object;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import org.jspecify.annotations.Nullable;

/** What the register of a key holds: the present version, if there is one. */
sealed interface ObjectState {
  VersionedCodec<ObjectState> CODEC =
      VersionedCodec.first(Codec.of(ObjectState::write, ObjectState::read));

  /**
   * There is no version of this key.
   *
   * @param rest what who wrote this knew of what some replica may hold alone
   */
  record Absent(Rest rest) implements ObjectState {
    /** Whether what a replica holds in its register, and all else, did not take effect. */
    boolean isKnown() {
      return rest != Rest.UNKNOWN;
    }

    /** Whether there was no old version either. */
    boolean isNoneLeft() {
      return rest == Rest.NONE_LEFT;
    }
  }

  /** What may be left of a key that has no present version. */
  enum Rest {
    /** It was deleted, whatever there was. */
    UNKNOWN,
    /** None was present. */
    NONE_PRESENT,
    /** The last version was removed: no old one was left. */
    NONE_LEFT;

    private static final Codec<Rest> CODEC =
        Codec.of((out, rest) -> out.u8(rest.number()), in -> ofNumber(in.u8()));

    private int number() {
      return switch (this) {
        case UNKNOWN -> 0;
        case NONE_PRESENT -> 1;
        case NONE_LEFT -> 2;
      };
    }

    private static Rest ofNumber(int number) {
      return switch (number) {
        case 0 -> UNKNOWN;
        case 1 -> NONE_PRESENT;
        case 2 -> NONE_LEFT;
        default -> throw new GarageException.Corrupt("unknown rest of a key " + number);
      };
    }
  }

  /**
   * A version.
   *
   * @param versioning what its bucket did with versions when it was written
   * @param written when the version was made; null if this write made it, whose identity it has
   *     then: what is written again, as a tag is changed, keeps what it was
   */
  record Present(Versioning versioning, @Nullable Timestamp written, ObjectVersion version)
      implements ObjectState {
    Timestamp writtenAt(Timestamp registerId) {
      return written == null ? registerId : written;
    }

    /** The version's id, in a register whose present write is {@code registerId}. */
    VersionId id(Timestamp registerId) {
      return versioning == Versioning.ENABLED
          ? new VersionId(writtenAt(registerId))
          : VersionId.NULL;
    }

    /** The same version, to be written again. */
    Present again(Timestamp registerId) {
      return new Present(versioning, writtenAt(registerId), version);
    }

    Present with(ObjectVersion changed) {
      Invariant.check(written != null, "a version that is changed keeps its time");
      return new Present(versioning, written, changed);
    }

    ObjectVersion.@Nullable Stored stored() {
      return version instanceof ObjectVersion.Stored stored ? stored : null;
    }

    /** Whether its bytes are beside the row. */
    boolean isInline() {
      return version instanceof ObjectVersion.Stored stored
          && stored.content() instanceof Content.Inline
          && stored.size() > 0;
    }
  }

  private static void write(Writer out, ObjectState state) {
    switch (state) {
      case Absent(Rest rest) -> out.u8(1).value(rest, Rest.CODEC);
      case Present(Versioning versioning, Timestamp written, ObjectVersion version) ->
          out.u8(2)
              .value(versioning, Versioning.CODEC)
              .optional(written, Timestamp.CODEC)
              .value(version, ObjectVersion.CODEC);
    }
  }

  private static ObjectState read(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Absent(in.value(Rest.CODEC));
      case 2 ->
          new Present(
              in.value(Versioning.CODEC),
              in.optional(Timestamp.CODEC),
              in.value(ObjectVersion.CODEC));
      default -> throw new GarageException.Corrupt("unknown kind of object state " + kind);
    };
  }
}
