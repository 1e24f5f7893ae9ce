package garage.admin.api;

/** Ends a request with an {@link AdminError}; an expected outcome, so it has no stack trace. */
public final class AdminFailure extends RuntimeException {
  private final transient AdminError error;

  public AdminFailure(AdminError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  /** Why. */
  public AdminError error() {
    return error;
  }
}
