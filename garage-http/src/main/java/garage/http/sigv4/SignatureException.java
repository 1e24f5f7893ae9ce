package garage.http.sigv4;

/**
 * Carries a {@link SignatureFailure} out of a verifier or a body; never crosses to another node. It
 * is an answer to whoever asks, not a fault of the program, so it carries no stack trace.
 */
public final class SignatureException extends RuntimeException {
  private final transient SignatureFailure failure;

  public SignatureException(SignatureFailure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  /** What failed. */
  public SignatureFailure failure() {
    return failure;
  }
}
