package garage.common.hash;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Known vectors (the check values of the CRC catalogue, FIPS 180), and laws on random input. */
class ChecksumTest {
  private static final byte[] CHECK = "123456789".getBytes(US_ASCII);

  @ParameterizedTest
  @CsvSource({
    "CRC32, cbf43926",
    "CRC32C, e3069283",
    "CRC64NVME, ae8b14860a799888",
    "SHA1, f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "SHA256, 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"
  })
  void valueOfTheCatalogueCheckStringIsTheKnownOne(ChecksumAlgorithm algorithm, String hex) {
    Checksum value = Checksum.compute(algorithm, CHECK);
    assertEquals(hex, HexFormat.of().formatHex(value.bytes()));
    assertEquals(algorithm.lengthBytes(), value.bytes().length);
  }

  @Test
  void crc64NvmeOfZeroAndOnesBlocksAreThoseOfTheNvmeSpecification() {
    byte[] ones = new byte[4096];
    Arrays.fill(ones, (byte) 0xff);
    assertEquals("6482d367eb22b64e", hex64(new byte[4096]));
    assertEquals("c0ddba7302eca3ac", hex64(ones));
  }

  private static String hex64(byte[] bytes) {
    return HexFormat.of().formatHex(Checksum.compute(ChecksumAlgorithm.CRC64NVME, bytes).bytes());
  }

  @ParameterizedTest
  @EnumSource
  void cuttingTheInputAnywhereDoesNotChangeTheValue(ChecksumAlgorithm algorithm) {
    SplittableRandom random = new SplittableRandom(7);
    byte[] bytes = bytes(100_003);
    Checksum whole = Checksum.compute(algorithm, bytes);
    for (int round = 0; round < 50; round++) {
      RunningChecksum running = algorithm.start();
      for (int at = 0; at < bytes.length; ) {
        int n = Math.min(1 + random.nextInt(40_000), bytes.length - at);
        feed(running, bytes, at, n, random.nextInt(4));
        at += n;
      }
      assertEquals(whole, running.finish());
    }
  }

  private static void feed(RunningChecksum running, byte[] bytes, int at, int n, int way) {
    switch (way) {
      case 0 -> running.update(bytes, at, n);
      case 1 -> running.update(ByteBuffer.wrap(bytes, at, n));
      case 2 -> running.update(ByteBuffer.wrap(bytes, at, n).asReadOnlyBuffer());
      default -> running.update(ByteBuffer.allocateDirect(n).put(bytes, at, n).flip());
    }
  }

  @Test
  void everyLengthOfCrc64NvmeEqualsTheBitwiseDefinition() {
    byte[] bytes = bytes(2 * Crc64Nvme.STRIPE_BYTES + 300);
    long state = -1;
    for (int length = 0; length <= bytes.length; length++) {
      if (length < 300 || length > bytes.length - 310) {
        Crc64Nvme crc = new Crc64Nvme();
        crc.update(bytes, 0, length);
        assertEquals(~state, crc.getValue(), "length " + length);
      }
      if (length < bytes.length) {
        state ^= bytes[length] & 0xff;
        for (int bit = 0; bit < 8; bit++) {
          state = (state >>> 1) ^ ((state & 1) == 0 ? 0 : CrcPolynomial.CRC64NVME.reflected());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CRC32", "CRC32C", "CRC64NVME"})
  void checksumOfTheWholeFollowsFromThoseOfTheParts(ChecksumAlgorithm algorithm) {
    SplittableRandom random = new SplittableRandom(11);
    byte[] bytes = bytes(70_000);
    for (int round = 0; round < 100; round++) {
      int a = random.nextInt(bytes.length + 1);
      int b = a + random.nextInt(bytes.length - a + 1);
      Checksum joined =
          part(algorithm, bytes, 0, a)
              .then(part(algorithm, bytes, a, b), b - a)
              .then(part(algorithm, bytes, b, bytes.length), bytes.length - b);
      assertEquals(Checksum.compute(algorithm, bytes), joined, a + " and " + b);
    }
  }

  private static Checksum part(ChecksumAlgorithm algorithm, byte[] bytes, int from, int to) {
    return Checksum.compute(algorithm, Arrays.copyOfRange(bytes, from, to));
  }

  @Test
  void digestsDoNotCombine() {
    Checksum sha = Checksum.compute(ChecksumAlgorithm.SHA256, CHECK);
    assertFalse(ChecksumAlgorithm.SHA256.combines());
    assertThrows(IllegalArgumentException.class, () -> sha.then(sha, 9));
    assertThrows(
        IllegalArgumentException.class,
        () -> Checksum.compute(ChecksumAlgorithm.CRC32, CHECK).then(sha, 9));
  }

  @Test
  void compositeIsTheChecksumOfThePartsValues() {
    Checksum part = Checksum.compute(ChecksumAlgorithm.CRC32, CHECK);
    byte[] twice = HexFormat.of().parseHex("cbf43926cbf43926");
    assertEquals(
        Checksum.compute(ChecksumAlgorithm.CRC32, twice),
        Checksum.composite(ChecksumAlgorithm.CRC32, List.of(part, part)));
  }

  @Test
  void finishStartsAfresh() {
    for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
      RunningChecksum running = algorithm.start();
      running.update(CHECK, 0, CHECK.length);
      running.finish();
      assertEquals(Checksum.compute(algorithm, new byte[0]), running.finish());
    }
  }

  @Test
  void base64OfAnotherLengthOrFormIsRefused() {
    assertEquals("y/Q5Jg==", Checksum.compute(ChecksumAlgorithm.CRC32, CHECK).base64());
    for (String bad : List.of("", "y/Q5Jg", "y/Q5Jh==", "y/Q5", "!/Q5Jg==", "y/Q5JgAA", "====")) {
      assertThrows(
          GarageException.InvalidInput.class,
          () -> Checksum.parse(ChecksumAlgorithm.CRC32, bad),
          bad);
    }
    assertTrue(ChecksumAlgorithm.CRC64NVME.combines());
  }

  @Test
  void namesAndHeadersAreFoundInEitherCase() {
    assertEquals(ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.ofName("crc64nvme"));
    assertEquals(ChecksumAlgorithm.SHA1, ChecksumAlgorithm.ofHeader("X-Amz-Checksum-SHA1"));
    assertNull(ChecksumAlgorithm.ofName("MD5"));
    assertNull(ChecksumAlgorithm.ofHeader("x-amz-checksum-type"));
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(42).nextBytes(bytes);
    return bytes;
  }
}
