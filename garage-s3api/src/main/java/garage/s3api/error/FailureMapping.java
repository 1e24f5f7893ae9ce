package garage.s3api.error;

import garage.common.error.GarageException;

/** The one place where failures of the rest of the system get their S3 code. */
public final class FailureMapping {
  private static final String RETRY_AFTER_SECONDS = "1";

  private FailureMapping() {}

  /** The answer to a request that ended in {@code failure}. */
  public static S3Error of(GarageException failure) {
    return switch (failure.code()) {
      case QUORUM_NOT_REACHED, TIMED_OUT, UNREACHABLE, CANCELLED -> later(unavailable(failure));
      case OVERLOADED -> later(S3ErrorCode.SLOW_DOWN.error());
      case CORRUPT, MISSING, STORAGE_FAILED, INTERNAL -> S3ErrorCode.INTERNAL_ERROR.error();
      case STORAGE_FULL -> S3ErrorCode.STORAGE_FULL.error();
      case INVALID_INPUT -> S3Error.of(S3ErrorCode.INVALID_REQUEST, text(failure));
      case CONFLICT -> S3Error.of(S3ErrorCode.OPERATION_ABORTED, text(failure));
      case DENIED -> S3Error.of(S3ErrorCode.ACCESS_DENIED, text(failure));
    };
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
