package garage.layout;

import garage.common.codec.Codec;
import garage.common.error.GarageException;

/** What holds for every partition of a layout version. */
public record LayoutParameters(ZoneRedundancy zoneRedundancy, ReplicationFactor replication) {
  public static final Codec<LayoutParameters> CODEC =
      Codec.of(
          (out, parameters) ->
              out.value(parameters.zoneRedundancy, ZoneRedundancy.CODEC)
                  .value(parameters.replication, ReplicationFactor.CODEC),
          in ->
              new LayoutParameters(
                  in.value(ZoneRedundancy.CODEC), in.value(ReplicationFactor.CODEC)));

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
