package garage.model.object;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.hash.Checksum;
import garage.common.hash.Digests;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.layout.Partition;
import garage.table.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a part of a multipart upload. Attempts are rows of their own and never replaced: a
 * completion marks those it chose, so that a part sent again meanwhile cannot take its place.
 *
 * @param number 1 to {@link #NUMBER_MAX}
 * @param at when the attempt was made; the latest is what a listing shows
 * @param dataId its bytes
 * @param size in bytes
 * @param etag hex MD5 of its bytes
 * @param chosenBy the completion that chose it, {@link Timestamp#ZERO} if none
 * @param deleted whether it was given back; once true, true for ever
 */
public record Part(
    Uuid uploadId,
    int number,
    Timestamp at,
    Uuid dataId,
    long size,
    String etag,
    @Nullable Checksum checksum,
    Timestamp chosenBy,
    boolean deleted) {
  /** The largest part number. */
  public static final int NUMBER_MAX = 10_000;

  private static final Codec<Checksum> CHECKSUM =
      Codec.of(
          (out, c) -> out.u8(ObjectChecksum.number(c.algorithm())).bytes(c.bytes()),
          in -> Checksum.of(ObjectChecksum.algorithm(in.u8()), in.bytes()));

  private static final VersionedCodec<Part> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, p) ->
                  out.value(p.uploadId, Codec.UUID)
                      .varint(p.number)
                      .value(p.at, Timestamp.CODEC)
                      .value(p.dataId, Codec.UUID)
                      .varint(p.size)
                      .string(p.etag)
                      .optional(p.checksum, CHECKSUM)
                      .value(p.chosenBy, Timestamp.CODEC)
                      .bool(p.deleted),
              in ->
                  new Part(
                      in.value(Codec.UUID),
                      in.varint32(),
                      in.value(Timestamp.CODEC),
                      in.value(Codec.UUID),
                      in.varint(),
                      in.string(),
                      in.optional(CHECKSUM),
                      in.value(Timestamp.CODEC),
                      in.bool())));

  public Part {
    Invariant.check(number >= 1 && number <= NUMBER_MAX, "a part number", number);
  }

  Part asDeleted() {
    return new Part(uploadId, number, at, dataId, size, etag, checksum, chosenBy, true);
  }

  Part asChosenBy(Timestamp completion) {
    return new Part(uploadId, number, at, dataId, size, etag, checksum, completion, deleted);
  }

  static byte[] sortKey(int number, Timestamp at) {
    return new Writer(4 + Timestamp.ENCODED_BYTES).i32(number).value(at, Timestamp.CODEC).toBytes();
  }

  /** The table of all parts. */
  static final class Schema implements TableSchema<Part> {
    static final String NAME = "part";

    private final ReleaseQueue releases;

    Schema(ReleaseQueue releases) {
      this.releases = releases;
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public VersionedCodec<Part> codec() {
      return CODEC;
    }

    @Override
    public byte[] partitionKey(Part part) {
      return part.uploadId.toBytes();
    }

    @Override
    public byte[] sortKey(Part part) {
      return Part.sortKey(part.number, part.at);
    }

    @Override
    public Partition partition(byte[] partitionKey) {
      return Partition.of(Digests.sha256(partitionKey));
    }

    @Override
    public boolean isTombstone(Part part) {
      return part.deleted;
    }

    @Override
    public Part merge(Part one, Part other) {
      Part merged = one.asChosenBy(one.chosenBy.max(other.chosenBy));
      return one.deleted || other.deleted ? merged.asDeleted() : merged;
    }

    @Override
    public void onChange(@Nullable Part before, Part after, Batch batch) {
      if (after.deleted && (before == null || !before.deleted)) {
        releases.add(batch, ReleaseQueue.Entry.Data.unreferenced(after.dataId));
      }
    }
  }
}
