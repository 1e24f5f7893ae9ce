package garage.layout;

import garage.common.codec.Codec;

/** A group of nodes that may fail together: a rack, a building, a data centre. */
public record Zone(String name) implements Comparable<Zone> {
  public static final Codec<Zone> CODEC =
      Codec.of((out, zone) -> out.string(zone.name), in -> new Zone(in.string()));

  /**
   * @throws garage.common.error.GarageException.InvalidInput if the name is empty, too long or not
   *     printable
   */
  public Zone {
    Names.check("zone", name);
  }

  @Override
  public int compareTo(Zone other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
