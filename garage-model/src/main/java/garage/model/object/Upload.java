package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A multipart upload, as its register holds it.
 *
 * @param created when it was begun
 * @param initiator the access key that began it
 * @param headers what the object will be returned with
 * @param annotations what will be said of it
 * @param checksumAlgorithm what the client said it would give for each part, if anything
 * @param checksumType what the object's checksum is to cover; null without an algorithm
 * @param encryption how the parts are encrypted; null if they are kept as they are
 */
public record Upload(
    ObjectKey object,
    Uuid id,
    Timestamp created,
    String initiator,
    List<Header> headers,
    Annotations annotations,
    @Nullable ChecksumAlgorithm checksumAlgorithm,
    ObjectChecksum.@Nullable Type checksumType,
    @Nullable Encryption encryption,
    State state) {
  private static final Codec<ChecksumAlgorithm> ALGORITHM =
      Codec.of(
          (out, a) -> out.u8(ObjectChecksum.number(a)), in -> ObjectChecksum.algorithm(in.u8()));
  private static final Codec<ObjectChecksum.Type> TYPE =
      Codec.of(
          (out, t) -> out.bool(t == ObjectChecksum.Type.COMPOSITE),
          in -> in.bool() ? ObjectChecksum.Type.COMPOSITE : ObjectChecksum.Type.FULL_OBJECT);

  static final Codec<Upload> FIELDS =
      Codec.of(
          (out, u) ->
              out.value(u.object.bucket(), Codec.UUID)
                  .string(u.object.key())
                  .value(u.id, Codec.UUID)
                  .value(u.created, Timestamp.CODEC)
                  .string(u.initiator)
                  .list(u.headers, Header.CODEC)
                  .value(u.annotations, Annotations.CODEC)
                  .optional(u.checksumAlgorithm, ALGORITHM)
                  .optional(u.checksumType, TYPE)
                  .optional(u.encryption, Encryption.CODEC)
                  .value(u.state, State.CODEC),
          in ->
              new Upload(
                  new ObjectKey(in.value(Codec.UUID), in.string()),
                  in.value(Codec.UUID),
                  in.value(Timestamp.CODEC),
                  in.string(),
                  in.list(Header.CODEC),
                  in.value(Annotations.CODEC),
                  in.optional(ALGORITHM),
                  in.optional(TYPE),
                  in.optional(Encryption.CODEC),
                  in.value(State.CODEC)));

  public Upload {
    headers = List.copyOf(headers);
  }

  /** This upload in another state. */
  Upload in(State next) {
    return new Upload(
        object,
        id,
        created,
        initiator,
        headers,
        annotations,
        checksumAlgorithm,
        checksumType,
        encryption,
        next);
  }

  /** How far an upload has come. */
  public sealed interface State {
    Codec<State> CODEC = Codec.of(State::write, State::read);

    /** It takes parts. */
    record Open() implements State {}

    /**
     * A completion is under way, or died on the way.
     *
     * @param completion marks the parts it chose
     * @param selection digest of the parts chosen: only a retry with the same may go on with it
     * @param since when, in milliseconds since the Unix epoch
     * @param dates of the versions that a replica may have been sent for it, where they have ids
     */
    record Completing(Timestamp completion, Hash selection, long since, List<Timestamp> dates)
        implements State {
      /** Dates, 20 bytes each: all but the last are of attempts that failed. */
      static final int DATES_MAX = 64;

      public Completing {
        dates = List.copyOf(dates);
      }

      /** Whether it can be tried no more. */
      boolean isFull() {
        return dates.size() >= DATES_MAX;
      }

      /** As somebody goes on with it. */
      Completing since(long now) {
        return new Completing(completion, selection, now, dates);
      }

      Stopping stopping(long now) {
        return new Stopping(completion, selection, now, dates, false);
      }

      /** With one more date. */
      Completing with(Timestamp date) {
        List<Timestamp> all = new ArrayList<>(dates);
        all.add(date);
        return new Completing(completion, selection, since, all);
      }
    }

    /**
     * A completion is being kept from writing the object, unless it has: what takes the upload over
     * from one that seems dead goes through here.
     *
     * @param completion the one to be stopped
     * @param since when, in milliseconds since the Unix epoch
     * @param dates as of {@link Completing}
     * @param isVoid whether it was found that it has not written the object: it never will have
     */
    record Stopping(
        Timestamp completion, Hash selection, long since, List<Timestamp> dates, boolean isVoid)
        implements State {
      public Stopping {
        dates = List.copyOf(dates);
      }

      Stopping voided() {
        return new Stopping(completion, selection, since, dates, true);
      }
    }

    /**
     * The object was written; kept for a while so that a repeated completion answers the same.
     *
     * @param etag the object's
     * @param at when, in milliseconds since the Unix epoch
     */
    record Completed(Timestamp completion, Hash selection, String etag, long at) implements State {}

    private static void write(Writer out, State state) {
      switch (state) {
        case Open() -> out.u8(1);
        case Completing(Timestamp completion, Hash selection, long since, List<Timestamp> dates) ->
            out.u8(2)
                .value(completion, Timestamp.CODEC)
                .value(selection, Codec.HASH)
                .varint(since)
                .list(dates, Timestamp.CODEC);
        case Completed(Timestamp completion, Hash selection, String etag, long at) ->
            out.u8(3)
                .value(completion, Timestamp.CODEC)
                .value(selection, Codec.HASH)
                .string(etag)
                .varint(at);
        case Stopping s ->
            out.u8(4)
                .value(s.completion, Timestamp.CODEC)
                .value(s.selection, Codec.HASH)
                .varint(s.since)
                .list(s.dates, Timestamp.CODEC)
                .bool(s.isVoid);
      }
    }

    private static State read(Reader in) {
      int kind = in.u8();
      return switch (kind) {
        case 1 -> new Open();
        case 2 ->
            new Completing(
                in.value(Timestamp.CODEC),
                in.value(Codec.HASH),
                in.varint(),
                in.list(Timestamp.CODEC));
        case 3 ->
            new Completed(
                in.value(Timestamp.CODEC), in.value(Codec.HASH), in.string(), in.varint());
        case 4 ->
            new Stopping(
                in.value(Timestamp.CODEC),
                in.value(Codec.HASH),
                in.varint(),
                in.list(Timestamp.CODEC),
                in.bool());
        default -> throw new GarageException.Corrupt("unknown state of an upload " + kind);
      };
    }
  }

  /** What the register of an upload holds: the upload, or that it is gone. */
  sealed interface Slot {
    VersionedCodec<Slot> CODEC = VersionedCodec.first(Codec.of(Slot::write, Slot::read));

    /** An upload. */
    record Present(Upload upload) implements Slot {}

    /** Aborted, or completed long ago. */
    record Gone() implements Slot {}

    private static void write(Writer out, Slot slot) {
      switch (slot) {
        case Gone() -> out.u8(1);
        case Present(Upload upload) -> out.u8(2).value(upload, FIELDS);
      }
    }

    private static Slot read(Reader in) {
      int kind = in.u8();
      return switch (kind) {
        case 1 -> new Gone();
        case 2 -> new Present(in.value(FIELDS));
        default -> throw new GarageException.Corrupt("unknown kind of upload slot " + kind);
      };
    }
  }
}
