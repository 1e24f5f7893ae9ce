package garage.table.register;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.time.Timestamp;
import garage.layout.PartitionSet;
import java.util.List;

/**
 * What a replica answers once its door is as it was asked for.
 *
 * @param at a time above that of everything it has accepted
 * @param speaksFor the partitions it is a replica of
 * @param holding what it holds of the group
 * @param more whether there may be more than that
 */
record DoorReply(Timestamp at, PartitionSet speaksFor, List<Holding> holding, boolean more) {
  /** A register that holds something, and the place of its family. */
  record Holding(int family, byte[] key) {
    private static final Codec<Holding> CODEC =
        Codec.of(
            (out, h) -> out.varint(h.family).bytes(h.key),
            in -> new Holding(in.varint32(), in.bytes()));
  }

  static final VersionedCodec<DoorReply> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, r) ->
                  out.value(r.at, Timestamp.CODEC)
                      .value(r.speaksFor, PartitionSet.CODEC)
                      .list(r.holding, Holding.CODEC)
                      .bool(r.more),
              in ->
                  new DoorReply(
                      in.value(Timestamp.CODEC),
                      in.value(PartitionSet.CODEC),
                      in.list(Holding.CODEC),
                      in.bool())));

  DoorReply {
    holding = List.copyOf(holding);
  }
}
