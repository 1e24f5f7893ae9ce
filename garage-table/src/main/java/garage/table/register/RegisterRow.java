package garage.table.register;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.time.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one replica knows of one key, and the two transitions it may make. Pure: the replica around
 * it stores the result before it answers.
 *
 * <p>Invariants: {@code ballot} never falls; nothing below {@code promise} is ever accepted; one
 * ballot stands for one version; and if {@link #held} says no, this replica has never accepted that
 * version - absence from the bounded {@code past} proves nothing by itself, so {@code forgotten}
 * bounds what it can prove.
 *
 * @param promise no ballot below it will be accepted
 * @param ballot of the last acceptance; {@link Timestamp#ZERO} if there was none
 * @param id ballot of the first attempt of the accepted version's write: the version's identity
 * @param version what was accepted, a tombstone for a deletion; null if nothing ever was
 * @param past the versions overwritten last, oldest first, at most {@link #PAST_MAX}
 * @param forgotten the highest ballot dropped from {@code past}
 */
public record RegisterRow<V>(
    Timestamp promise,
    Timestamp ballot,
    Timestamp id,
    @Nullable V version,
    List<Past> past,
    Timestamp forgotten) {
  /**
   * Remembering two leaves 2.7 % of raced writes undecided under extreme contention, four 2.5 %.
   */
  static final int PAST_MAX = 2;

  /** An overwritten version and the ballot it was held at. */
  public record Past(Timestamp id, Timestamp ballot) {
    static final Codec<Past> CODEC =
        Codec.of(
            (out, p) -> out.value(p.id, Timestamp.CODEC).value(p.ballot, Timestamp.CODEC),
            in -> new Past(in.value(Timestamp.CODEC), in.value(Timestamp.CODEC)));
  }

  /** What a replica can say of a version. */
  public sealed interface Held {
    /** It accepted it, last at this ballot. */
    record Yes(Timestamp ballot) implements Held {}

    /** It never accepted it. */
    record No() implements Held {}

    /** It may have accepted and forgotten it. */
    record Unknown() implements Held {}
  }

  public RegisterRow {
    past = List.copyOf(past);
    Invariant.check(past.size() <= PAST_MAX, "the past is bounded", past.size());
    Invariant.check(ballot.compareTo(id) >= 0, "a version is accepted at its id or above", ballot);
    Invariant.check(
        (version == null) == ballot.equals(Timestamp.ZERO), "a version comes with its ballot");
  }

  /** A key never written here, in a partition whose collected rows reached {@code floor}. */
  static <V> RegisterRow<V> missing(Timestamp floor) {
    return new RegisterRow<>(floor, Timestamp.ZERO, Timestamp.ZERO, null, List.of(), floor);
  }

  /** The stored form. */
  public static <V> VersionedCodec<RegisterRow<V>> codec(Codec<V> version) {
    return VersionedCodec.first(
        Codec.of(
            (out, row) ->
                out.value(row.promise, Timestamp.CODEC)
                    .value(row.ballot, Timestamp.CODEC)
                    .value(row.id, Timestamp.CODEC)
                    .optional(row.version, version)
                    .list(row.past, Past.CODEC)
                    .value(row.forgotten, Timestamp.CODEC),
            in ->
                new RegisterRow<>(
                    in.value(Timestamp.CODEC),
                    in.value(Timestamp.CODEC),
                    in.value(Timestamp.CODEC),
                    in.optional(version),
                    in.list(Past.CODEC),
                    in.value(Timestamp.CODEC))));
  }

  /** What replicas must agree on: the acceptance, never the promise; null where there was none. */
  byte @Nullable [] stateBytes() {
    return version == null
        ? null
        : new Writer(2 * Timestamp.ENCODED_BYTES)
            .value(ballot, Timestamp.CODEC)
            .value(id, Timestamp.CODEC)
            .toBytes();
  }

  /** The highest ballot this row has seen: what every answer carries. */
  public Timestamp highest() {
    return promise.max(ballot);
  }

  /** Whether a ballot above the accepted one was promised for this very key. */
  boolean isPromisedAbove() {
    return promise.isAfter(ballot) && !(version == null && promise.equals(forgotten));
  }

  /** The row after accepting, this row itself for a repeat, or empty if refused. */
  Optional<RegisterRow<V>> accept(Timestamp b, Timestamp newId, V newVersion) {
    if (b.equals(ballot)) {
      return Optional.of(this);
    }
    if (b.compareTo(ballot) < 0 || b.compareTo(promise) < 0) {
      return Optional.empty();
    }
    if (version == null || id.equals(newId)) {
      return Optional.of(new RegisterRow<>(promise, b, newId, newVersion, past, forgotten));
    }
    List<Past> overwritten = new ArrayList<>(past);
    overwritten.add(new Past(id, ballot));
    Timestamp dropped = forgotten;
    while (overwritten.size() > PAST_MAX) {
      dropped = dropped.max(overwritten.removeFirst().ballot());
    }
    return Optional.of(new RegisterRow<>(promise, b, newId, newVersion, overwritten, dropped));
  }

  /**
   * The row after promising, or empty if refused: a repeat counts only while nothing came after.
   */
  Optional<RegisterRow<V>> prepare(Timestamp b) {
    if (b.compareTo(ballot) <= 0 || b.compareTo(promise) < 0) {
      return Optional.empty();
    }
    return Optional.of(new RegisterRow<>(b, ballot, id, version, past, forgotten));
  }

  /** Whether this replica ever accepted the version {@code of}. */
  Held held(Timestamp of) {
    if (version != null && id.equals(of)) {
      return new Held.Yes(ballot);
    }
    for (Past p : past.reversed()) {
      if (p.id().equals(of)) {
        return new Held.Yes(p.ballot());
      }
    }
    return of.isAfter(forgotten) ? new Held.No() : new Held.Unknown();
  }
}
