package garage.layout.assign;

/** Why roles and parameters admit no layout. */
public sealed interface Infeasibility {
  /** The cause and what to do, for the user. */
  String message();

  /** A partition's copies are on distinct nodes. */
  record TooFewNodes(int storageNodes, int copies) implements Infeasibility {
    @Override
    public String message() {
      return "the number of nodes with a capacity (%d) is smaller than the replication factor (%d): "
              .formatted(storageNodes, copies)
          + "assign a role with a capacity to more nodes";
    }
  }

  /** A partition's copies are in as many zones as the redundancy says. */
  record TooFewZones(int storageZones, int zonesRequired) implements Infeasibility {
    @Override
    public String message() {
      return "the number of zones with storage nodes (%d) is smaller than the zone redundancy (%d): "
              .formatted(storageZones, zonesRequired)
          + "assign nodes in more zones, or lower the zone redundancy";
    }
  }
}
