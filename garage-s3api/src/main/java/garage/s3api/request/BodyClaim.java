package garage.s3api.request;

import garage.s3api.error.S3ErrorCode;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of the bytes it sends, so that no other bytes are taken for them.
 *
 * @param md5 in lower-case hex; null if it does not say
 */
public record BodyClaim(@Nullable String md5, ChecksumExpectation checksum) {
  private static final int MD5_BYTES = 16;

  /** Reads {@code Content-MD5} and the headers of checksums. */
  static BodyClaim parse(RequestHead head) {
    return new BodyClaim(md5(head), ChecksumExpectation.parse(head));
  }

  /** Reads a head whose checksums are not of its body. */
  static BodyClaim md5Only(RequestHead head) {
    return new BodyClaim(md5(head), new ChecksumExpectation.None());
  }

  /** Whether the client says nothing. */
  public boolean isNone() {
    return md5 == null && checksum instanceof ChecksumExpectation.None;
  }

  private static @Nullable String md5(RequestHead head) {
    String text = head.header("content-md5");
    if (text == null) {
      return null;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (bytes.length == MD5_BYTES) {
        return HexFormat.of().formatHex(bytes);
      }
    } catch (IllegalArgumentException e) {
      // not base64: the same answer as a wrong length
    }
    throw S3ErrorCode.INVALID_DIGEST.exception();
  }
}
