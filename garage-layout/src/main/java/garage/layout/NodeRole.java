package garage.layout;

import garage.common.codec.Codec;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a node is for. A storage node has a capacity and keeps partitions; a gateway has none, keeps
 * only what every node keeps, and serves requests.
 *
 * @param capacity the space to fill, at least {@value #CAPACITY_BYTES_MIN} bytes; null for a
 *     gateway
 * @param tags free labels shown to the user
 */
public record NodeRole(Zone zone, @Nullable ByteSize capacity, List<String> tags) {
  /** Smaller capacities are slips, such as a missing unit. */
  public static final long CAPACITY_BYTES_MIN = 1024;

  /** One pebibyte: larger ones are slips too, and the sum over a layout is still exact. */
  public static final long CAPACITY_BYTES_MAX = 1L << 50;

  /** So that a role stays a row of a table. */
  public static final int TAGS_MAX = 32;

  private static final Codec<ByteSize> SIZE =
      Codec.of((out, size) -> out.varint(size.bytes()), in -> new ByteSize(in.varint()));

  public static final Codec<NodeRole> CODEC =
      Codec.of(
          (out, role) ->
              out.value(role.zone, Zone.CODEC)
                  .optional(role.capacity, SIZE)
                  .list(role.tags, Codec.STRING),
          in -> new NodeRole(in.value(Zone.CODEC), in.optional(SIZE), in.list(Codec.STRING)));

  /**
   * @throws GarageException.InvalidInput with a message for the user
   */
  public NodeRole {
    tags = List.copyOf(tags);
    tags.forEach(tag -> Names.check("tag", tag));
    if (tags.size() > TAGS_MAX) {
      throw new GarageException.InvalidInput("a node has at most " + TAGS_MAX + " tags");
    }
    if (capacity != null && capacity.bytes() < CAPACITY_BYTES_MIN) {
      throw new GarageException.InvalidInput(
          "a capacity of %d bytes is too small: give at least %d, with a unit such as 100G"
              .formatted(capacity.bytes(), CAPACITY_BYTES_MIN));
    }
    if (capacity != null && capacity.bytes() > CAPACITY_BYTES_MAX) {
      throw new GarageException.InvalidInput(
          "a capacity of %s is too large: give at most %s"
              .formatted(capacity.binary(), new ByteSize(CAPACITY_BYTES_MAX).binary()));
    }
  }

  /** A node that keeps partitions. */
  public static NodeRole storage(Zone zone, ByteSize capacity, List<String> tags) {
    return new NodeRole(zone, capacity, tags);
  }

  /** A node that keeps none. */
  public static NodeRole gateway(Zone zone, List<String> tags) {
    return new NodeRole(zone, null, tags);
  }

  /** Whether this node keeps no partitions. */
  public boolean isGateway() {
    return capacity == null;
  }

  /** Whether this node keeps partitions. */
  public boolean isStorage() {
    return capacity != null;
  }

  /** The capacity of a storage node, 0 of a gateway. */
  public long capacityBytes() {
    return Optional.ofNullable(capacity).map(ByteSize::bytes).orElse(0L);
  }

  /** The tags as tables show them: {@code [a,b]}. */
  public String tagsText() {
    return "[" + String.join(",", tags) + "]";
  }

  /** The capacity as tables show it: a size or {@code gateway}. */
  public String capacityText() {
    return capacity == null ? "gateway" : capacity.decimal();
  }
}
