package garage.http.sigv4;

import garage.common.id.Hash;
import org.jspecify.annotations.Nullable;

/** How a body is protected, as x-amz-content-sha256 says. */
public sealed interface PayloadMode {
  String UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
  String STREAMING_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  String STREAMING_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
  String STREAMING_SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";

  /** The client vouches for nothing. */
  record Unsigned() implements PayloadMode {}

  /** The signature covers this hash of the whole body. */
  record Hashed(Hash sha256) implements PayloadMode {}

  /** The body is aws-chunked. */
  record Chunked(boolean signed, boolean trailer) implements PayloadMode {}

  /** Reads the header's value; null if it is none of these. */
  static @Nullable PayloadMode parse(String value) {
    return switch (value) {
      case UNSIGNED_PAYLOAD -> new Unsigned();
      case STREAMING_UNSIGNED_TRAILER -> new Chunked(false, true);
      case STREAMING_SIGNED -> new Chunked(true, false);
      case STREAMING_SIGNED_TRAILER -> new Chunked(true, true);
      default -> hashed(value);
    };
  }

  private static @Nullable PayloadMode hashed(String value) {
    try {
      return new Hashed(Hash.parse(value));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
