package garage.block.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The guess whether compressing is worth it. */
final class CompressibilityTest {
  @Test
  void randomBytesAreNotWorthItAndTextIs() {
    Compressibility guess = new Compressibility();
    for (int seed = 0; seed < 100; seed++) {
      byte[] random = TestBytes.RANDOM.bytes(seed, BlockHead.FRAME_BYTES);
      byte[] text = TestBytes.TEXT.bytes(seed, BlockHead.FRAME_BYTES);
      assertEquals(false, guess.worthTrying(ByteBuffer.wrap(random)), "seed " + seed);
      assertEquals(true, guess.worthTrying(ByteBuffer.wrap(text)), "seed " + seed);
    }
  }

  @Test
  void onlyTheBytesBetweenPositionAndLimitAreLookedAt() {
    byte[] bytes = TestBytes.RANDOM.bytes(1, 3 * BlockHead.FRAME_BYTES);
    byte[] text = TestBytes.TEXT.bytes(1, BlockHead.FRAME_BYTES);
    System.arraycopy(text, 0, bytes, BlockHead.FRAME_BYTES, text.length);
    ByteBuffer middle =
        ByteBuffer.wrap(bytes).limit(2 * BlockHead.FRAME_BYTES).position(BlockHead.FRAME_BYTES);
    assertEquals(true, new Compressibility().worthTrying(middle));
  }
}
