package garage.s3api.request;

import static garage.s3api.request.Heads.head;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** At most one checksum, and it must be what the client says it is. */
class ChecksumExpectationTest {
  @ParameterizedTest
  @EnumSource(ChecksumAlgorithm.class)
  void valueInTheHeadIsKnown(ChecksumAlgorithm algorithm) {
    Checksum value = Checksum.compute(algorithm, new byte[] {1, 2, 3});
    assertEquals(
        new ChecksumExpectation.Known(value),
        parse(
            algorithm.headerName(),
            value.base64(),
            "x-amz-sdk-checksum-algorithm",
            algorithm.name()));
  }

  @ParameterizedTest
  @EnumSource(ChecksumAlgorithm.class)
  void nameInTheTrailerIsExpected(ChecksumAlgorithm algorithm) {
    assertEquals(
        new ChecksumExpectation.InTrailer(algorithm),
        parse("x-amz-trailer", algorithm.headerName()));
  }

  @Test
  void nothingSaidIsNone() {
    assertEquals(new ChecksumExpectation.None(), parse());
  }

  @Test
  void contradictionsAreRefused() {
    refused("x-amz-checksum-crc32", "AAAAAA==", "x-amz-checksum-crc32c", "AAAAAA==");
    refused("x-amz-checksum-crc32", "AAAAAA==", "x-amz-trailer", "x-amz-checksum-crc32");
    refused("x-amz-checksum-crc32", "AAAAAA==", "x-amz-sdk-checksum-algorithm", "SHA1");
    refused("x-amz-sdk-checksum-algorithm", "CRC32");
    refused("x-amz-checksum-crc32", "AAAA");
    refused("x-amz-checksum-sha1", "not base64");
    refused("x-amz-trailer", "x-amz-meta-a");
  }

  private static ChecksumExpectation parse(String... headers) {
    return ChecksumExpectation.parse(head("PUT", "/b/k", headers));
  }

  private static void refused(String... headers) {
    S3Exception e = assertThrows(S3Exception.class, () -> parse(headers));
    assertEquals(S3ErrorCode.INVALID_REQUEST, e.error().code());
  }
}
