package garage.rpc.membership;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.rpc.Endpoint;
import org.jspecify.annotations.Nullable;

/** The messages by which nodes agree on the next epoch, and what a node keeps of its vote. */
final class Vote {
  private Vote() {}

  /**
   * Asks for a promise to accept nothing of a lower ballot, for the step from the epoch of {@code
   * base}.
   */
  record Prepare(LayoutHistory base, Ballot ballot) {}

  /** Asks to accept {@code next} as what follows {@code base}. */
  record Accept(Epoch base, Ballot ballot, LayoutHistory next) {}

  /**
   * The answer to both.
   *
   * @param granted whether the voter did as asked
   * @param history what the voter knows; of a later epoch if the step was made already
   * @param ballot the highest it has promised
   * @param accepted what it has accepted before for this step
   */
  record Reply(
      boolean granted,
      LayoutHistory history,
      @Nullable Ballot ballot,
      @Nullable Accepted accepted) {}

  /** A step accepted, which may have been chosen. */
  record Accepted(Ballot ballot, LayoutHistory next) {
    static final Codec<Accepted> CODEC =
        Codec.of(
            (out, a) -> out.value(a.ballot, Ballot.CODEC).value(a.next, LayoutHistory.CODEC),
            in -> new Accepted(in.value(Ballot.CODEC), in.value(LayoutHistory.CODEC)));
  }

  /** What a voter keeps durably, of the step from one epoch only. */
  record State(Epoch base, @Nullable Ballot promised, @Nullable Accepted accepted) {
    static final VersionedCodec<State> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, s) ->
                    out.value(s.base, Epoch.CODEC)
                        .optional(s.promised, Ballot.CODEC)
                        .optional(s.accepted, Accepted.CODEC),
                in ->
                    new State(
                        in.value(Epoch.CODEC),
                        in.optional(Ballot.CODEC),
                        in.optional(Accepted.CODEC))));
  }

  private static final VersionedCodec<Reply> REPLY =
      VersionedCodec.first(
          Codec.of(
              (out, r) ->
                  out.bool(r.granted)
                      .value(r.history, LayoutHistory.CODEC)
                      .optional(r.ballot, Ballot.CODEC)
                      .optional(r.accepted, Accepted.CODEC),
              in ->
                  new Reply(
                      in.bool(),
                      in.value(LayoutHistory.CODEC),
                      in.optional(Ballot.CODEC),
                      in.optional(Accepted.CODEC))));

  static final Endpoint<Prepare, Reply> PREPARE =
      new Endpoint<>(
          "cluster/layout-prepare",
          VersionedCodec.first(
              Codec.of(
                  (out, p) -> out.value(p.base, LayoutHistory.CODEC).value(p.ballot, Ballot.CODEC),
                  in -> new Prepare(in.value(LayoutHistory.CODEC), in.value(Ballot.CODEC)))),
          REPLY);

  static final Endpoint<Accept, Reply> ACCEPT =
      new Endpoint<>(
          "cluster/layout-accept",
          VersionedCodec.first(
              Codec.of(
                  (out, a) ->
                      out.value(a.base, Epoch.CODEC)
                          .value(a.ballot, Ballot.CODEC)
                          .value(a.next, LayoutHistory.CODEC),
                  in ->
                      new Accept(
                          in.value(Epoch.CODEC),
                          in.value(Ballot.CODEC),
                          in.value(LayoutHistory.CODEC)))),
          REPLY);
}
