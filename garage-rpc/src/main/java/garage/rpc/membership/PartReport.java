package garage.rpc.membership;

import garage.common.codec.Codec;
import garage.layout.PartitionSet;

/**
 * How far one node is with one {@link TransitionPart} in the present epoch.
 *
 * @param ready the partitions it is ready for, of those whose new set it is of
 * @param everywhere whether the part is of every node and not of the partitions' sets
 * @param remaining items still to be looked at
 * @param done items looked at
 * @param leaving partitions it holds rows of although it is not in their set any more
 */
public record PartReport(
    String name, PartitionSet ready, boolean everywhere, long remaining, long done, long leaving) {
  static final Codec<PartReport> CODEC =
      Codec.of(
          (out, r) ->
              out.string(r.name)
                  .value(r.ready, PartitionSet.CODEC)
                  .bool(r.everywhere)
                  .varint(Math.max(0, r.remaining))
                  .varint(Math.max(0, r.done))
                  .varint(Math.max(0, r.leaving)),
          in ->
              new PartReport(
                  in.string(),
                  in.value(PartitionSet.CODEC),
                  in.bool(),
                  in.varint(),
                  in.varint(),
                  in.varint()));
}
