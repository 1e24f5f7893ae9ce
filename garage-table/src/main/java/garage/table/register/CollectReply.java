package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.time.Timestamp;
import java.util.List;
import java.util.Optional;

/**
 * For each key, in the order of the question, the ballot of the tombstone that the replica holds,
 * or has deleted; empty if it holds something else. Synced state only.
 */
record CollectReply(List<Optional<Timestamp>> ballots) {
  private static final Codec<Optional<Timestamp>> BALLOT =
      Codec.of(
          (out, ballot) -> out.optional(ballot.orElse(null), Timestamp.CODEC),
          in -> Optional.ofNullable(in.optional(Timestamp.CODEC)));

  static final VersionedCodec<CollectReply> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, reply) -> out.list(reply.ballots, BALLOT),
              in -> new CollectReply(in.list(BALLOT))));

  CollectReply {
    ballots = List.copyOf(ballots);
  }
}
