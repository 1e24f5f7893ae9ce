package garage.model.lifecycle;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.id.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * How far this node has come; kept in its store.
 *
 * @param completed the number of the last day that was seen to; null before the first
 * @param last what was done that day
 * @param pass what is under way; null between two
 */
record LifecycleState(@Nullable Long completed, Tally last, @Nullable Pass pass) {
  /** A node that never did anything. */
  static final LifecycleState NEW = new LifecycleState(null, Tally.NONE, null);

  private static final Codec<Long> DAY = Codec.of((out, d) -> out.i64(d), in -> in.i64());

  static final VersionedCodec<LifecycleState> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, s) ->
                  out.optional(s.completed, DAY)
                      .value(s.last, Tally.CODEC)
                      .optional(s.pass, Pass.CODEC),
              in ->
                  new LifecycleState(
                      in.optional(DAY), in.value(Tally.CODEC), in.optional(Pass.CODEC))));

  LifecycleState with(Pass now) {
    return new LifecycleState(completed, last, now);
  }

  /** A pass over all buckets; {@code day} is the number of the day it is for. */
  record Pass(long day, Place place, Tally tally) {
    static final Codec<Pass> CODEC =
        Codec.of(
            (out, p) -> out.i64(p.day).value(p.place, Place.CODEC).value(p.tally, Tally.CODEC),
            in -> new Pass(in.i64(), in.value(Place.CODEC), in.value(Tally.CODEC)));

    static Pass of(long day) {
      return new Pass(day, Place.in(null), Tally.NONE);
    }

    Pass at(Place next) {
      return new Pass(day, next, tally);
    }

    Pass plus(Tally more) {
      return new Pass(day, place, tally.plus(more));
    }
  }

  /**
   * Where to go on.
   *
   * @param bucket the one at hand; null between two
   * @param objects whether its uploads are done with, and its objects looked at
   * @param row where the rows begin that were not looked at yet
   */
  record Place(@Nullable Uuid bucket, boolean objects, byte[] row) {
    static final Codec<Place> CODEC =
        Codec.of(
            (out, p) -> out.optional(p.bucket, Codec.UUID).bool(p.objects).bytes(p.row),
            in -> new Place(in.optional(Codec.UUID), in.bool(), in.bytes()));

    /** At the beginning of a bucket. */
    static Place in(@Nullable Uuid bucket) {
      return new Place(bucket, false, new byte[0]);
    }

    /** At a row of the same kind; null for behind the last. */
    Place at(byte @Nullable [] next) {
      if (next != null) {
        return new Place(bucket, objects, next);
      }
      return objects ? in(null) : new Place(bucket, true, new byte[0]);
    }
  }

  /**
   * What was done.
   *
   * @param expired objects and versions deleted, and deletions made in their place
   * @param uploads given up
   * @param failed keys left for the next time
   */
  record Tally(long expired, long uploads, long failed) {
    static final Tally NONE = new Tally(0, 0, 0);

    static final Codec<Tally> CODEC =
        Codec.of(
            (out, t) -> out.varint(t.expired).varint(t.uploads).varint(t.failed),
            in -> new Tally(in.varint(), in.varint(), in.varint()));

    Tally plus(Tally more) {
      return new Tally(expired + more.expired, uploads + more.uploads, failed + more.failed);
    }
  }
}
