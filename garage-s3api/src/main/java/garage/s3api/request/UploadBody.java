package garage.s3api.request;

import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * What a client says about the bytes it sends: their number without any framing, their sums, and
 * the key to encrypt them with if there is one.
 */
public record UploadBody(long length, BodyClaim claim, @Nullable CustomerKey key) {
  /** AWS's limit on the bytes of one PUT or part. */
  public static final long BYTES_MAX = 5L << 30;

  /** The length of a body that is only known at its end. */
  public static final long UNKNOWN = -1;

  private static final String TRANSFER_ENCODING = "Transfer-Encoding";

  /** Reads what a form says of its file. */
  static UploadBody ofForm(RequestHead head) {
    return new UploadBody(
        UNKNOWN, BodyClaim.parse(head), CustomerKey.parse(head, CustomerKey.HEADER));
  }

  /** Reads the head of a request whose body becomes data. */
  static UploadBody parse(RequestHead head) {
    long length = length(head);
    if (length > BYTES_MAX) {
      throw S3Error.of(S3ErrorCode.ENTITY_TOO_LARGE)
          .with("ProposedSize", Long.toString(length))
          .with("MaxSizeAllowed", Long.toString(BYTES_MAX))
          .exception();
    }
    return new UploadBody(
        length, BodyClaim.parse(head), CustomerKey.parse(head, CustomerKey.HEADER));
  }

  private static long length(RequestHead head) {
    String payload = head.filled("x-amz-content-sha256");
    boolean framed = payload != null && payload.startsWith("STREAMING-");
    String text = head.filled(framed ? "x-amz-decoded-content-length" : "content-length");
    if (text == null && head.filled(TRANSFER_ENCODING) != null) {
      throw S3Error.unsupportedHeader(TRANSFER_ENCODING).exception(); // as AWS answers it
    }
    if (text == null) {
      throw S3ErrorCode.MISSING_CONTENT_LENGTH.exception();
    }
    Long length = Numbers.parse(text, Long.MAX_VALUE);
    if (length == null) {
      throw S3ErrorCode.BAD_REQUEST.exception();
    }
    return length;
  }
}
