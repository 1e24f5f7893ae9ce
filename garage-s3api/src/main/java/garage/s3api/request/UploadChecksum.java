package garage.s3api.request;

import garage.common.hash.ChecksumAlgorithm;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the object of a multipart upload is to be summed up. */
public record UploadChecksum(ChecksumAlgorithm algorithm, Type type) {
  /** Over what. */
  public enum Type {
    /** Over the checksums of the parts. */
    COMPOSITE,
    /** Over the object's bytes. */
    FULL_OBJECT;

    /** Reads {@code x-amz-checksum-type}; null if it is not there. */
    static @Nullable Type parse(RequestHead head) {
      String text = head.filled("x-amz-checksum-type");
      if (text == null) {
        return null;
      }
      return switch (text.toUpperCase(Locale.ROOT)) {
        case "COMPOSITE" -> COMPOSITE;
        case "FULL_OBJECT" -> FULL_OBJECT;
        default ->
            throw S3ErrorCode.INVALID_REQUEST.because(
                "Value for x-amz-checksum-type header is invalid.");
      };
    }
  }

  public UploadChecksum {
    if (type == Type.FULL_OBJECT && !algorithm.combines()) {
      throw mismatch(algorithm, type);
    }
    if (type == Type.COMPOSITE && algorithm == ChecksumAlgorithm.CRC64NVME) {
      throw mismatch(algorithm, type);
    }
  }

  /** Reads the headers of CreateMultipartUpload; null if no checksum is asked for. */
  static @Nullable UploadChecksum parse(RequestHead head) {
    Type type = Type.parse(head);
    ChecksumAlgorithm algorithm = algorithm(head, "x-amz-checksum-algorithm");
    if (algorithm == null) {
      if (type != null) {
        throw S3ErrorCode.INVALID_REQUEST.because(
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm"
                + " header.");
      }
      return null;
    }
    return new UploadChecksum(algorithm, type == null ? defaultType(algorithm) : type);
  }

  /** Reads a header that names an algorithm; null if it is not there. */
  static @Nullable ChecksumAlgorithm algorithm(RequestHead head, String header) {
    String name = head.filled(header);
    if (name == null) {
      return null;
    }
    ChecksumAlgorithm algorithm = ChecksumAlgorithm.ofName(name);
    if (algorithm == null) {
      throw S3Error.of(
              S3ErrorCode.INVALID_REQUEST,
              "Checksum algorithm provided is unsupported. Please try again with any of the valid"
                  + " types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
          .exception();
    }
    return algorithm;
  }

  private static Type defaultType(ChecksumAlgorithm algorithm) {
    return algorithm == ChecksumAlgorithm.CRC64NVME ? Type.FULL_OBJECT : Type.COMPOSITE;
  }

  private static RuntimeException mismatch(ChecksumAlgorithm algorithm, Type type) {
    return S3ErrorCode.INVALID_REQUEST.because(
        "The %s checksum type cannot be used with the %s checksum algorithm."
            .formatted(type, algorithm.name().toLowerCase(Locale.ROOT)));
  }
}
