package garage.model.object;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A version of a key that is not the present one any more, or that was removed for ever.
 *
 * <p>A version with an id of its own, once removed, stays removed. The version whose id is null has
 * one row too, of which the state of the highest order counts: what was written or removed later
 * took the place of what was there, wherever a replica may have missed it. While the present
 * version has no id either, that row is hidden by it: it is what will be there again should that
 * one never take effect, and goes once it is known to have.
 *
 * @param order the ballot at which this was so in the key's register: of a version its acceptance
 * @param kept null if it is removed
 * @param isRenamed whether it is removed only because another has its bytes by another id: they are
 *     not given back when this one goes
 */
record VersionRow(
    ObjectKey key, VersionId id, Timestamp order, @Nullable Kept kept, boolean isRenamed) {
  /** Where the row of the version with id null stands, and those of the others. */
  private static final int NULL_SORT = 0;

  private static final int NAMED_SORT = 1;

  private static final Codec<Kept> KEPT =
      Codec.of(
          (out, k) ->
              out.value(k.written, Timestamp.CODEC)
                  .value(k.version, ObjectVersion.CODEC)
                  .bytes(k.bytes()),
          in ->
              new Kept(
                  in.value(Timestamp.CODEC),
                  in.value(ObjectVersion.CODEC),
                  ByteBuffer.wrap(in.bytes())));

  /** As it is sent. */
  static final Codec<VersionRow> FIELDS = Codec.of(VersionRow::write, VersionRow::read);

  /** As it is stored. */
  static final VersionedCodec<VersionRow> CODEC = VersionedCodec.first(FIELDS);

  /**
   * A version that is there.
   *
   * @param inline its bytes if they are beside it, unless left out
   */
  record Kept(Timestamp written, ObjectVersion version, ByteBuffer inline) {
    Kept {
      inline = inline.slice().asReadOnlyBuffer();
    }

    private byte[] bytes() {
      byte[] bytes = new byte[inline.remaining()];
      inline.duplicate().get(bytes);
      return bytes;
    }

    ObjectVersion.@Nullable Stored stored() {
      return version instanceof ObjectVersion.Stored stored ? stored : null;
    }
  }

  VersionRow {
    Invariant.check(!isRenamed || (kept == null && !id.isNull()), "renamed is what had an id", id);
  }

  static VersionRow kept(ObjectKey key, VersionId id, Timestamp order, Kept kept) {
    return new VersionRow(key, id, order, kept, false);
  }

  static VersionRow removed(ObjectKey key, VersionId id, Timestamp order) {
    return new VersionRow(key, id, order, null, false);
  }

  static VersionRow renamed(ObjectKey key, VersionId id, Timestamp order) {
    return new VersionRow(key, id, order, null, true);
  }

  VersionRow withoutBytes() {
    return kept == null || !kept.inline.hasRemaining()
        ? this
        : kept(key, id, order, new Kept(kept.written, kept.version, ByteBuffer.allocate(0)));
  }

  /** The object that is there; null for a marker, and for what is removed. */
  ObjectVersion.@Nullable Stored stored() {
    return kept == null ? null : kept.stored();
  }

  /** Whether a version is removed, or is none any more that has this order. */
  boolean isRemoved() {
    return kept == null;
  }

  /**
   * Whether a version is here that is later than the present one, written then; null if nothing is
   * present. It did not take effect: a replica took it alone, and another after it. So it is out of
   * sight until one later than it is the present version. (That without an id is always in sight:
   * its row has taken the place of an earlier one's.)
   */
  boolean isBeyond(@Nullable Timestamp present) {
    return present != null && kept != null && !id.isNull() && kept.written.isAfter(present);
  }

  static VersionRow merge(VersionRow one, VersionRow other) {
    if (!one.id.isNull() && one.isRemoved() != other.isRemoved()) {
      return one.isRemoved() ? one : other;
    }
    if (one.isRenamed != other.isRenamed) {
      Timestamp order = one.order.max(other.order);
      return renamed(one.key, one.id, order);
    }
    int byOrder = one.order.compareTo(other.order);
    if (byOrder != 0) {
      return byOrder > 0 ? one : other;
    }
    if (one.isRemoved() || other.isRemoved()) {
      return one.isRemoved() ? other : one; // written in the very ballot that removed those before
    }
    return Arrays.compareUnsigned(CODEC.encode(one), CODEC.encode(other)) >= 0 ? one : other;
  }

  /** The rows of a key in the order of a listing, but for that of id null. */
  static byte[] sortKey(VersionId id) {
    Timestamp written = id.written();
    return written == null ? new byte[] {NULL_SORT} : named(written);
  }

  private static byte[] named(Timestamp written) {
    byte[] time = new Writer(Timestamp.ENCODED_BYTES).value(written, Timestamp.CODEC).toBytes();
    for (int i = 0; i < time.length; i++) {
      time[i] = (byte) ~time[i];
    }
    return new Writer(1 + time.length).u8(NAMED_SORT).raw(time).toBytes();
  }

  /** Where the rows begin of versions written before {@code below}; null for all with ids. */
  static byte[] sortBelow(@Nullable Timestamp below) {
    return below == null
        ? new byte[] {NAMED_SORT}
        : new Writer().raw(named(below)).u8(0).toBytes(); // the first after it
  }

  /** What the store keys of a key's rows begin with. */
  static byte[] partitionKey(ObjectKey key) {
    return ObjectKey.escaped(key.bucket(), key.key()).u8(0).u8(1).toBytes();
  }

  private static void write(Writer out, VersionRow row) {
    out.value(row.key, ObjectKey.CODEC)
        .value(row.id, VersionId.CODEC)
        .value(row.order, Timestamp.CODEC)
        .optional(row.kept, KEPT)
        .bool(row.isRenamed);
  }

  private static VersionRow read(Reader in) {
    VersionRow row =
        new VersionRow(
            in.value(ObjectKey.CODEC),
            in.value(VersionId.CODEC),
            in.value(Timestamp.CODEC),
            in.optional(KEPT),
            in.bool());
    Kept kept = row.kept;
    if (kept != null && !row.id.isNull() && !kept.written.equals(row.id.written())) {
      throw new GarageException.Corrupt("a version of another id than its row's");
    }
    return row;
  }
}
