package garage.s3api.body;

import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.id.Uuid;
import garage.http.Headers;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.BodyClaim;
import garage.s3api.request.ChecksumExpectation;
import org.jspecify.annotations.Nullable;

/**
 * The MD5 of some bytes in hex, or the tag that stands for it where they are encrypted, and their
 * checksum if one was computed, and their number.
 */
public record BodySums(String md5, @Nullable Checksum checksum, long length) {
  /** These sums of bytes that are encrypted under {@code id}, which no tag may tell of. */
  public BodySums sealed(Uuid id) {
    return new BodySums(Encryptions.etag(id), checksum, length);
  }

  /**
   * Refuses a body unless it is what the client said.
   *
   * @param trailers what followed the body
   */
  public void verify(BodyClaim expected, Headers trailers) {
    String expectedMd5 = expected.md5();
    if (expectedMd5 != null && !expectedMd5.equals(md5)) {
      throw S3Error.of(S3ErrorCode.BAD_DIGEST)
          .with("ExpectedDigest", expectedMd5)
          .with("CalculatedDigest", md5)
          .exception();
    }
    switch (expected.checksum()) {
      case ChecksumExpectation.None() -> {}
      case ChecksumExpectation.Known(Checksum value) -> compare(value);
      case ChecksumExpectation.InTrailer(ChecksumAlgorithm algorithm) -> {
        String value = trailers.first(algorithm.headerName());
        if (value == null) {
          throw S3ErrorCode.MALFORMED_TRAILER.exception();
        }
        compare(ChecksumExpectation.value(algorithm, value));
      }
    }
  }

  private void compare(Checksum expected) {
    if (!expected.equals(checksum)) {
      throw S3ErrorCode.BAD_DIGEST.because(
          "The " + expected.algorithm() + " you specified did not match the calculated checksum.");
    }
  }
}
