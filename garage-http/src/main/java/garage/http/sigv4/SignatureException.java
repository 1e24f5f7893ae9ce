package garage.http.sigv4;

/**
 * Carries a {@link SignatureFailure} out of a verifier or a body; never crosses to another node.
 */
public final class SignatureException extends RuntimeException {
  private final transient SignatureFailure failure;

  public SignatureException(SignatureFailure failure) {
    super(failure.message());
    this.failure = failure;
  }

  /** What failed. */
  public SignatureFailure failure() {
    return failure;
  }
}
