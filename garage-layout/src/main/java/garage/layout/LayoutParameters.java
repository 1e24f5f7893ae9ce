package garage.layout;

import garage.common.codec.Codec;
import garage.common.error.GarageException;

/** What holds for every partition of a layout version. */
public record LayoutParameters(ZoneRedundancy zoneRedundancy, ReplicationFactor replication) {
  /** The number of zones, 0 for the maximum. */
  private static final Codec<ZoneRedundancy> REDUNDANCY =
      Codec.of(
          (out, redundancy) ->
              out.varint(
                  switch (redundancy) {
                    case ZoneRedundancy.Maximum() -> 0;
                    case ZoneRedundancy.AtLeast(int zones) -> zones;
                  }),
          in -> {
            int zones = in.varint32();
            return zones == 0 ? new ZoneRedundancy.Maximum() : new ZoneRedundancy.AtLeast(zones);
          });

  public static final Codec<LayoutParameters> CODEC =
      Codec.of(
          (out, parameters) ->
              out.value(parameters.zoneRedundancy, REDUNDANCY)
                  .value(parameters.replication, ReplicationFactor.CODEC),
          in -> new LayoutParameters(in.value(REDUNDANCY), in.value(ReplicationFactor.CODEC)));

  /**
   * @throws GarageException.InvalidInput if more zones are asked for than there are copies
   */
  public LayoutParameters {
    if (zoneRedundancy instanceof ZoneRedundancy.AtLeast(int zones)
        && zones > replication.copies()) {
      throw new GarageException.InvalidInput(
          "zone redundancy %d is more than the %d copies of a partition (replication factor)"
              .formatted(zones, replication.copies()));
    }
  }

  /** As many zones as there can be. */
  public static LayoutParameters defaults(ReplicationFactor replication) {
    return new LayoutParameters(new ZoneRedundancy.Maximum(), replication);
  }

  /** This with another zone redundancy. */
  public LayoutParameters withZoneRedundancy(ZoneRedundancy redundancy) {
    return new LayoutParameters(redundancy, replication);
  }
}
