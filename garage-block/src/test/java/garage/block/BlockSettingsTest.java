package garage.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.block.disk.SpaceReserve;
import garage.common.id.ByteSize;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Bounds of the settings. */
final class BlockSettingsTest {
  private static BlockSettings settings(long block, int level, long ram, Duration delay) {
    return new BlockSettings(
        new ByteSize(block),
        OptionalInt.of(level),
        true,
        new ByteSize(ram),
        delay,
        SpaceReserve.DEFAULT);
  }

  @Test
  void theDefaultsAreTheDocumentedOnes() {
    BlockSettings settings = BlockSettings.DEFAULT;
    assertEquals(1 << 20, settings.blockSize().bytes());
    assertEquals(OptionalInt.of(1), settings.compressionLevel());
    assertEquals(true, settings.dataFsync());
    assertEquals(Duration.ofMinutes(10), settings.collectDelay());
  }

  @Test
  void whatIsOutOfBoundsIsRefused() {
    long mib = 1 << 20;
    Duration delay = Duration.ofMinutes(1);
    settings(mib, 22, 4 * mib, delay);
    assertThrows(IllegalArgumentException.class, () -> settings(4095, 1, 4 * mib, delay));
    assertThrows(IllegalArgumentException.class, () -> settings(17 * mib, 1, 99 * mib, delay));
    assertThrows(IllegalArgumentException.class, () -> settings(mib, 23, 4 * mib, delay));
    assertThrows(IllegalArgumentException.class, () -> settings(mib, -100, 4 * mib, delay));
    assertThrows(IllegalArgumentException.class, () -> settings(mib, 1, 4 * mib - 1, delay));
    assertThrows(
        IllegalArgumentException.class, () -> settings(mib, 1, 4 * mib, Duration.ofDays(31)));
  }

  @Test
  void ofASmallHeapBlocksHaveAQuarterAndRoomForFourAlways() {
    assertEquals(32 << 20, BlockSettings.DEFAULT.within(128 << 20).ramBufferMax().bytes());
    assertEquals(4 << 20, BlockSettings.DEFAULT.within(8 << 20).ramBufferMax().bytes());
    assertEquals(BlockSettings.DEFAULT, BlockSettings.DEFAULT.within(1L << 30));
  }
}
