package garage.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.hash.Digests;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

class ContentTest {
  private static final int MIB = 1 << 20;

  private final Content content = new Content(4 * MIB, false, 1);

  private static byte[] bytes(Body body) {
    byte[] all = new byte[body.length()];
    body.copy(0, all, 0, all.length);
    return all;
  }

  @Test
  void statedSumsAreThoseOfTheBytes() {
    for (int length : new int[] {64, 4096, 65536, MIB, 4 * MIB}) {
      content.hashAhead(length, 7, length > MIB ? 1 : 0);
      for (long number = 7; number < 9; number++) {
        Body body = content.body(length, number);
        byte[] all = bytes(body);
        Content.Sums sums = content.sums(body);
        assertEquals(Digests.sha256(all).toString(), sums.sha256(), length + " bytes");
        assertEquals(Checksum.compute(ChecksumAlgorithm.CRC32, all).base64(), sums.crc32());
      }
    }
  }

  @Test
  void noTwoBlocksAreEqual() {
    Set<String> hashes = new HashSet<>();
    for (long number = 0; number < 3; number++) {
      byte[] all = bytes(content.body(4 * MIB, number));
      for (int at = 0; at < all.length; at += MIB) {
        byte[] block = Arrays.copyOfRange(all, at, at + MIB);
        assertTrue(hashes.add(Digests.sha256(block).toString()), number + " at " + at);
      }
    }
  }

  @Test
  void anyPieceCopiesAndMatchesLikeTheWhole() {
    SplittableRandom random = new SplittableRandom(5);
    Body body = content.body(4 * MIB, 3);
    byte[] all = bytes(body);
    for (int i = 0; i < 500; i++) {
      int near = random.nextInt(1, 4) * MIB - 100;
      int from = random.nextBoolean() ? near + random.nextInt(100) : random.nextInt(3 * MIB);
      int count = random.nextInt(1, 200);
      byte[] expected = Arrays.copyOfRange(all, from, from + count);
      byte[] piece = new byte[count];
      body.copy(from, piece, 0, count);
      assertArrayEquals(expected, piece, count + " bytes at " + from);
      assertTrue(body.matches(from, all, from, count));
      piece[random.nextInt(count)] ^= 1;
      assertFalse(body.matches(from, piece, 0, count), count + " bytes at " + from);
    }
  }

  @Test
  void anotherBodysBytesDoNotMatch() {
    byte[] other = bytes(content.body(4096, 2));
    assertFalse(content.body(4096, 1).matches(0, other, 0, 4096));
  }

  @Test
  void rowsCompressAndRandomBytesDoNot() {
    assertTrue(deflated(new Content(65536, true, 1)) < 65536 / 3);
    assertTrue(deflated(new Content(65536, false, 1)) > 65536 * 9 / 10);
  }

  private static int deflated(Content content) {
    Deflater deflater = new Deflater(1);
    deflater.setInput(bytes(content.body(65536, 1)));
    deflater.finish();
    byte[] out = new byte[2 * 65536];
    int length = deflater.deflate(out);
    deflater.end();
    return length;
  }

  @Test
  void lengthsThatAreNeitherABlockNorBlocksAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> content.body(MIB + 1, 0));
    assertThrows(IllegalArgumentException.class, () -> content.body(63, 0));
    assertThrows(IllegalArgumentException.class, () -> content.body(5 * MIB, 0));
  }

  @Test
  void anotherSeedMakesOtherBytes() {
    assertNotEquals(
        content.sums(content.body(4096, 1)),
        new Content(4096, false, 2).sums(content.body(4096, 1)));
  }
}
