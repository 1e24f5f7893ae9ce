package garage.http.sigv4;

/** Who sent a request, and its body as the client meant it. */
public sealed interface Authentication {
  /**
   * The body without its framing. What was signed of it is verified before its last byte is handed
   * out.
   */
  Payload payload();

  /** Nobody in particular. */
  record Anonymous(Payload payload) implements Authentication {}

  /**
   * A holder of this key's secret.
   *
   * @param presigned whether by query parameters
   */
  record Signed(Credentials credentials, CredentialScope scope, boolean presigned, Payload payload)
      implements Authentication {}
}
