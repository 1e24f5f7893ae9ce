package garage.s3api.error;

/**
 * Ends a request with an {@link S3Error}. It is an answer, not a fault of the program, so it
 * carries no stack trace; it never leaves the S3 API.
 */
public final class S3Exception extends RuntimeException {
  private final transient S3Error error;

  public S3Exception(S3Error error) {
    super(error.code().wireName() + ": " + error.message(), null, false, false);
    this.error = error;
  }

  /** The answer. */
  public S3Error error() {
    return error;
  }
}
