package garage.http.sigv4;

/** An access key's id and secret. */
public record Credentials(String accessKeyId, String secretKey) {
  public Credentials {
    if (accessKeyId.isEmpty()) {
      throw new IllegalArgumentException("an access key without an id");
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Credentials[" + accessKeyId + "]";
  }
}
