package garage.layout;

import garage.common.error.GarageException;
import java.util.Locale;

/** Over how many zones the copies of each partition are spread. */
public sealed interface ZoneRedundancy {
  /**
   * Reads what a user writes: {@code maximum}, {@code max}, {@code none} or a number of zones.
   *
   * @throws GarageException.InvalidInput with a message for the user
   */
  static ZoneRedundancy parse(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "max", "maximum" -> new Maximum();
      case "none" -> new AtLeast(1);
      case String number when number.matches("\\d{1,4}") -> new AtLeast(Integer.parseInt(number));
      case String other ->
          throw new GarageException.InvalidInput(
              "zone redundancy is 'none', 'maximum' or a number of zones, not '" + other + "'");
    };
  }

  /** How many zones a partition needs where {@code storageZones} zones have storage nodes. */
  default int zonesRequired(int storageZones, ReplicationFactor replication) {
    return switch (this) {
      case Maximum() -> Math.min(storageZones, replication.copies());
      case AtLeast(int zones) -> zones;
    };
  }

  /** The form a user writes: {@code maximum} or the number. */
  default String text() {
    return switch (this) {
      case Maximum() -> "maximum";
      case AtLeast(int zones) -> Integer.toString(zones);
    };
  }

  /** Each copy in a zone of its own, as far as there are zones with storage nodes. */
  record Maximum() implements ZoneRedundancy {}

  /** At least this many zones; with 1 zones do not matter. */
  record AtLeast(int zones) implements ZoneRedundancy {
    public AtLeast {
      if (zones < 1 || zones > ReplicationFactor.COPIES_MAX) {
        throw new GarageException.InvalidInput(
            "zone redundancy is between 1 and the replication factor, not " + zones);
      }
    }
  }
}
