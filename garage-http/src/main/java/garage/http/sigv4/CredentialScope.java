package garage.http.sigv4;

/**
 * What a signing key is good for.
 *
 * @param day eight digits, UTC
 */
public record CredentialScope(String day, String region, String service) {
  static final String TERMINATOR = "aws4_request";

  /** As the string to sign has it. */
  @Override
  public String toString() {
    return day + "/" + region + "/" + service + "/" + TERMINATOR;
  }
}
