package garage.s3api.error;

import garage.common.error.GarageException;
import garage.http.ProtocolError;
import garage.http.RequestFailure;
import garage.http.sigv4.SignatureFailure;

/** The one place where failures of the rest of the system get their S3 code. */
public final class FailureMapping {
  private static final String RETRY_AFTER_SECONDS = "1";

  private FailureMapping() {}

  /** The answer to a request that ended in {@code failure}. */
  public static S3Error of(GarageException failure) {
    return switch (failure.code()) {
      case QUORUM_NOT_REACHED, TIMED_OUT, UNREACHABLE, CANCELLED, STALE ->
          later(unavailable(failure));
      case OVERLOADED -> later(S3ErrorCode.SLOW_DOWN.error());
      case CORRUPT, MISSING, STORAGE_FAILED, INTERNAL -> S3ErrorCode.INTERNAL_ERROR.error();
      case STORAGE_FULL -> S3ErrorCode.STORAGE_FULL.error();
      case INVALID_INPUT -> S3Error.of(S3ErrorCode.INVALID_REQUEST, text(failure));
      case CONFLICT -> S3Error.of(S3ErrorCode.OPERATION_ABORTED, text(failure));
      case DENIED -> S3Error.of(S3ErrorCode.ACCESS_DENIED, text(failure));
    };
  }

  /** The answer to a request whose body did not come as announced. */
  public static S3Error of(RequestFailure failure) {
    return switch (failure) {
      case RequestFailure.ClientGone _ -> S3ErrorCode.INCOMPLETE_BODY.error();
      case RequestFailure.BadFraming _ -> S3ErrorCode.INCOMPLETE_BODY.error();
      case RequestFailure.TooSlow _ -> S3ErrorCode.REQUEST_TIMEOUT.error();
    };
  }

  /** The answer where the HTTP server refuses in the API's place. */
  public static S3Error of(ProtocolError error) {
    return switch (error.kind()) {
      case MALFORMED, VERSION_UNKNOWN -> S3Error.of(S3ErrorCode.BAD_REQUEST, error.detail());
      case BAD_TARGET, TARGET_TOO_LONG -> S3ErrorCode.INVALID_URI.error();
      case BODY_TOO_SLOW, HEAD_TIMEOUT -> S3ErrorCode.REQUEST_TIMEOUT.error();
      case BAD_BODY -> S3ErrorCode.INCOMPLETE_BODY.error();
      case HEAD_TOO_LARGE -> S3ErrorCode.REQUEST_HEADER_SECTION_TOO_LARGE.error();
      case INTERNAL -> S3ErrorCode.INTERNAL_ERROR.error();
      case TRANSFER_CODING_UNKNOWN -> S3Error.unsupportedHeader("Transfer-Encoding");
      case TOO_MANY_CONNECTIONS -> later(S3ErrorCode.SLOW_DOWN.error());
      case UNAVAILABLE -> later(S3Error.of(S3ErrorCode.SERVICE_UNAVAILABLE, error.detail()));
    };
  }

  /** The answer to a request that is not rightly signed. */
  public static S3Error of(SignatureFailure failure) {
    return AuthenticationErrors.of(failure);
  }

  private static S3Error unavailable(GarageException failure) {
    return S3Error.of(S3ErrorCode.SERVICE_UNAVAILABLE, text(failure));
  }

  private static S3Error later(S3Error error) {
    return error.withHeader("Retry-After", RETRY_AFTER_SECONDS);
  }

  private static String text(GarageException failure) {
    String message = failure.getMessage();
    return message == null ? failure.code().name() : message;
  }
}
