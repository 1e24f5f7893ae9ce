package garage.block;

import garage.block.disk.SpaceReserve;
import garage.common.id.ByteSize;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How blocks are made and kept.
 *
 * @param blockSize what objects are cut into: 4 KiB to 16 MiB, half of the largest message
 * @param compressionLevel the zstd level, -99 to 22, or none
 * @param dataFsync whether a block is on stable storage before it is acknowledged
 * @param ramBufferMax memory for blocks on their way, at least 4 blocks
 * @param collectDelay how long a block stays when nothing refers to it any more: reads of the
 *     object that did may still be under way
 * @param reserve what is kept free of each disk
 */
public record BlockSettings(
    ByteSize blockSize,
    OptionalInt compressionLevel,
    boolean dataFsync,
    ByteSize ramBufferMax,
    Duration collectDelay,
    SpaceReserve reserve) {
  private static final long BLOCK_BYTES_MIN = 4 << 10;
  private static final long BLOCK_BYTES_MAX = 16 << 20;
  private static final int BUFFERED_BLOCKS_MIN = 4;
  private static final int HEAP_SHARE = 4;
  private static final Duration COLLECT_DELAY_MAX = Duration.ofDays(30);

  /** 1 MiB, level 1, synced, 64 MiB, ten minutes. */
  public static final BlockSettings DEFAULT =
      new BlockSettings(
          new ByteSize(1 << 20),
          OptionalInt.of(1),
          true,
          new ByteSize(64 << 20),
          Duration.ofMinutes(10),
          SpaceReserve.DEFAULT);

  public BlockSettings {
    require(
        blockSize.bytes() >= BLOCK_BYTES_MIN && blockSize.bytes() <= BLOCK_BYTES_MAX,
        "block_size is from 4 KiB to 16 MiB");
    require(
        compressionLevel.isEmpty()
            || (compressionLevel.getAsInt() >= -99 && compressionLevel.getAsInt() <= 22),
        "compression_level is from -99 to 22, or none");
    require(
        ramBufferMax.bytes() >= BUFFERED_BLOCKS_MIN * blockSize.bytes(),
        "block_ram_buffer_max is at least 4 times block_size");
    require(
        !collectDelay.isNegative() && collectDelay.compareTo(COLLECT_DELAY_MAX) <= 0,
        "the delay before a block is deleted is at most 30 days");
  }

  /**
   * With no more memory for blocks than its share of a heap of {@code bytes}: as much again may be
   * held of what peers send, and the rest is the node's own.
   */
  public BlockSettings within(long bytes) {
    long share = Math.max(bytes / HEAP_SHARE, BUFFERED_BLOCKS_MIN * blockSize.bytes());
    ByteSize most = new ByteSize(Math.min(ramBufferMax.bytes(), share));
    return new BlockSettings(blockSize, compressionLevel, dataFsync, most, collectDelay, reserve);
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
