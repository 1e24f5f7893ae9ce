package garage.block.disk;

import garage.common.id.ByteSize;

/**
 * How much of a disk is kept free: a share of it within bounds. What is left then is for deletions,
 * repairs and the metadata store, which need space to free space.
 */
public record SpaceReserve(double share, ByteSize least, ByteSize most) {
  /** One percent, at least 128 MiB, at most 10 GiB. */
  public static final SpaceReserve DEFAULT =
      new SpaceReserve(0.01, new ByteSize(128L << 20), new ByteSize(10L << 30));

  public SpaceReserve {
    if (!(share >= 0 && share <= 0.5) || least.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "a reserve is a share from 0 to 0.5, and its least not above its most");
    }
  }

  /** The same number of bytes on every disk. */
  public static SpaceReserve of(ByteSize bytes) {
    return new SpaceReserve(0, bytes, bytes);
  }

  /** The bytes kept free of a disk of {@code total} bytes. */
  public long bytes(long total) {
    return Math.clamp((long) (total * share), least.bytes(), most.bytes());
  }
}
