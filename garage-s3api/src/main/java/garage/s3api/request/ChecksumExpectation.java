package garage.s3api.request;

import garage.common.error.GarageException;
import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.s3api.error.S3ErrorCode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The checksum a client says its body has, or will say when the body has ended. */
public sealed interface ChecksumExpectation {
  /** It says nothing. */
  record None() implements ChecksumExpectation {}

  /** The value came with the head. */
  record Known(Checksum checksum) implements ChecksumExpectation {}

  /** The value comes in a trailer. */
  record InTrailer(ChecksumAlgorithm algorithm) implements ChecksumExpectation {}

  /** The algorithm to compute, or null. */
  default @Nullable ChecksumAlgorithm algorithm() {
    return switch (this) {
      case None() -> null;
      case Known(Checksum checksum) -> checksum.algorithm();
      case InTrailer(ChecksumAlgorithm algorithm) -> algorithm;
    };
  }

  /**
   * Reads {@code x-amz-checksum-*}, {@code x-amz-trailer} and {@code x-amz-sdk-checksum-algorithm},
   * of which the first two name at most one algorithm and the third, if given, that one.
   */
  static ChecksumExpectation parse(RequestHead head) {
    ChecksumExpectation inHead = fromHead(head);
    ChecksumExpectation inTrailer = fromTrailer(head);
    if (!(inHead instanceof None) && !(inTrailer instanceof None)) {
      throw several();
    }
    ChecksumExpectation found = inHead instanceof None ? inTrailer : inHead;
    checkDeclared(head.filled("x-amz-sdk-checksum-algorithm"), found);
    return found;
  }

  private static ChecksumExpectation fromHead(RequestHead head) {
    ChecksumExpectation found = new None();
    for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
      String value = head.header(algorithm.headerName());
      if (value != null) {
        if (!(found instanceof None)) {
          throw several();
        }
        found = new Known(value(algorithm, value));
      }
    }
    return found;
  }

  /** Reads a value, from the head or from a trailer. */
  static Checksum value(ChecksumAlgorithm algorithm, String base64) {
    try {
      return Checksum.parse(algorithm, base64);
    } catch (GarageException.InvalidInput e) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "Value for " + algorithm.headerName() + " header is invalid.");
    }
  }

  private static ChecksumExpectation fromTrailer(RequestHead head) {
    String names = head.filled("x-amz-trailer");
    ChecksumExpectation found = new None();
    if (names == null) {
      return found;
    }
    for (String name : names.split(",", -1)) {
      ChecksumAlgorithm algorithm = ChecksumAlgorithm.ofHeader(name.strip());
      if (algorithm == null) {
        throw S3ErrorCode.INVALID_REQUEST.because(
            "The value specified in the x-amz-trailer header is not supported");
      }
      if (!(found instanceof None)) {
        throw several();
      }
      found = new InTrailer(algorithm);
    }
    return found;
  }

  private static void checkDeclared(@Nullable String declared, ChecksumExpectation found) {
    if (declared == null) {
      return;
    }
    ChecksumAlgorithm algorithm = found.algorithm();
    if (algorithm == null) {
      // A copy and an empty request name the algorithm without having a body to sum up.
      throw S3ErrorCode.INVALID_REQUEST.because(
          "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or"
              + " x-amz-trailer headers were found.");
    }
    if (!declared.toUpperCase(Locale.ROOT).equals(algorithm.name())) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "Value for x-amz-sdk-checksum-algorithm header is invalid.");
    }
  }

  private static RuntimeException several() {
    return S3ErrorCode.INVALID_REQUEST.because(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
}
