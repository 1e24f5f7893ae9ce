package garage.model.object;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A version of a key that is not the present one any more, or that was removed for ever.
 *
 * <p>A version with an id of its own, once removed, stays removed. The version whose id is null has
 * one row too, of which the state of the highest order counts: what was written or removed later
 * took the place of what was there, wherever a replica may have missed it. What was removed is gone
 * with all before it; what was written may never have taken effect, so what it took the place of is
 * kept behind it until that is known. While the present version has no id either, that row is
 * hidden by it: it is what will be there again should that one never take effect, and goes once it
 * is known to have.
 *
 * @param order the ballot at which this was so in the key's register: of a version its acceptance
 * @param kept null if it is removed
 * @param isRenamed whether it is removed only because another has its bytes by another id: they are
 *     not given back when this one goes
 * @param earlier of the version with id null: what it took the place of, the highest order first;
 *     what is removed is the last, before which nothing counts
 */
record VersionRow(
    ObjectKey key,
    VersionId id,
    Timestamp order,
    @Nullable Kept kept,
    boolean isRenamed,
    List<State> earlier) {
  /**
   * Versions in a row, at most: they are settled after a minute, in which a bucket's versioning
   * would have to be suspended and enabled that often.
   */
  private static final int KEPT_MAX = 8;

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

  private static final Codec<State> STATE =
      Codec.of(
          (out, s) -> out.value(s.order, Timestamp.CODEC).optional(s.kept, KEPT),
          in -> new State(in.value(Timestamp.CODEC), in.optional(KEPT)));

  /** The highest order first; what is removed in a ballot is what was there before. */
  private static final Comparator<State> LATEST_FIRST =
      Comparator.comparing(State::order)
          .thenComparing(s -> s.kept != null)
          .thenComparing(State::encoded, Arrays::compareUnsigned)
          .reversed();

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

    private Kept withoutBytes() {
      return inline.hasRemaining() ? new Kept(written, version, ByteBuffer.allocate(0)) : this;
    }
  }

  /** What was so at {@code order}; {@code kept} is null if it was removed. */
  record State(Timestamp order, @Nullable Kept kept) {
    private byte[] encoded() {
      return new Writer().value(this, STATE).toBytes();
    }

    private State withoutBytes() {
      return kept == null ? this : new State(order, kept.withoutBytes());
    }
  }

  VersionRow {
    earlier = List.copyOf(earlier);
    Invariant.check(!isRenamed || (kept == null && !id.isNull()), "renamed is what had an id", id);
    Invariant.check(
        earlier.isEmpty() || (kept != null && id.isNull()), "what has an id has one state", id);
  }

  static VersionRow kept(ObjectKey key, VersionId id, Timestamp order, Kept kept) {
    return new VersionRow(key, id, order, kept, false, List.of());
  }

  static VersionRow removed(ObjectKey key, VersionId id, Timestamp order) {
    return new VersionRow(key, id, order, null, false, List.of());
  }

  static VersionRow renamed(ObjectKey key, VersionId id, Timestamp order) {
    return new VersionRow(key, id, order, null, true, List.of());
  }

  private static VersionRow ofNull(ObjectKey key, List<State> states) {
    State first = states.getFirst();
    List<State> rest = states.subList(1, states.size());
    return new VersionRow(key, VersionId.NULL, first.order, first.kept, false, rest);
  }

  private Stream<State> states() {
    return Stream.concat(Stream.of(new State(order, kept)), earlier.stream());
  }

  VersionRow withoutBytes() {
    List<State> rest = earlier.stream().map(State::withoutBytes).toList();
    return new VersionRow(
        key, id, order, kept == null ? null : kept.withoutBytes(), isRenamed, rest);
  }

  /** All objects of the row, in sight or not: none for a marker, and for what is removed. */
  List<ObjectVersion.Stored> stored() {
    return versions().map(Kept::stored).filter(java.util.Objects::nonNull).toList();
  }

  private Stream<Kept> versions() {
    return states().map(State::kept).filter(java.util.Objects::nonNull);
  }

  /** Whether a version is here that was not written then. */
  boolean hasOther(Timestamp written) {
    return versions().anyMatch(kept -> !kept.written.equals(written));
  }

  /** Whether it is not known yet if what is here took the place of what was here before. */
  boolean isOpen() {
    return earlier.stream().anyMatch(state -> state.kept != null);
  }

  /** The row in which this took the place of all before {@code since}, for certain. */
  VersionRow settled(Timestamp since) {
    Invariant.check(id.isNull(), "what has an id has one state", id);
    return kept == null
        ? removed(since)
        : ofNull(key, List.of(new State(since, kept), new State(since, null)));
  }

  /** Whether a version is removed, or is none any more that has this order. */
  boolean isRemoved() {
    return kept == null;
  }

  /** Whether a version is here, and was so before {@code ballot}. */
  boolean isBefore(Timestamp ballot) {
    return kept != null && ballot.isAfter(order);
  }

  /** The same version, removed. */
  VersionRow removed(Timestamp at) {
    return removed(key, id, at);
  }

  /**
   * Whether a version is here that is later than the present one, written then; null if nothing is
   * present. It did not take effect: a replica took it alone, and another after it. So it is out of
   * sight until one later than it is the present version.
   */
  boolean isBeyond(@Nullable Timestamp present) {
    return isBeyond(kept, present);
  }

  private static boolean isBeyond(@Nullable Kept kept, @Nullable Timestamp present) {
    return present != null && kept != null && kept.written.isAfter(present);
  }

  /** What of the row is in sight while the present version is of that time; null for nothing. */
  @Nullable VersionRow inSight(@Nullable Timestamp present) {
    return without(state -> isBeyond(state.kept, present));
  }

  /** What of the row was so at {@code left}; null for nothing. */
  @Nullable VersionRow at(Timestamp left) {
    return without(state -> state.order.isAfter(left));
  }

  private @Nullable VersionRow without(Predicate<State> later) {
    List<State> rest = states().dropWhile(later).toList();
    if (rest.isEmpty() || rest.size() > earlier.size()) {
      return rest.isEmpty() ? null : this;
    }
    return ofNull(key, rest);
  }

  static VersionRow merge(VersionRow one, VersionRow other) {
    if (one.id.isNull()) {
      return mergeOfNull(one, other);
    }
    if (one.isRemoved() != other.isRemoved()) {
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
    return Arrays.compareUnsigned(CODEC.encode(one), CODEC.encode(other)) >= 0 ? one : other;
  }

  /** The states of both: of each version the highest, and nothing that was before a removal. */
  private static VersionRow mergeOfNull(VersionRow one, VersionRow other) {
    List<State> states = new ArrayList<>();
    Set<Timestamp> versions = new HashSet<>();
    for (State state : Stream.concat(one.states(), other.states()).sorted(LATEST_FIRST).toList()) {
      if (state.kept == null) {
        states.add(state);
        break;
      }
      if (versions.add(state.kept.written) && states.size() < KEPT_MAX) {
        states.add(state);
      }
    }
    return ofNull(one.key, states);
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
        .bool(row.isRenamed)
        .list(row.earlier, STATE);
  }

  private static VersionRow read(Reader in) {
    VersionRow row =
        new VersionRow(
            in.value(ObjectKey.CODEC),
            in.value(VersionId.CODEC),
            in.value(Timestamp.CODEC),
            in.optional(KEPT),
            in.bool(),
            in.list(STATE));
    Kept kept = row.kept;
    if (kept != null && !row.id.isNull() && !kept.written.equals(row.id.written())) {
      throw new GarageException.Corrupt("a version of another id than its row's");
    }
    return row;
  }
}
