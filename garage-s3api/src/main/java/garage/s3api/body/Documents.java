package garage.s3api.body;

import garage.http.sigv4.Payload;
import garage.s3api.request.BodyClaim;
import org.jspecify.annotations.Nullable;

/** Bodies that are documents: small enough to be read whole, and believed only if they are true. */
public final class Documents {
  private Documents() {}

  /**
   * Reads a body; null if it is longer than {@code max} bytes.
   *
   * @throws garage.s3api.error.S3Exception if it is not what the client says of it
   */
  public static byte @Nullable [] read(Payload body, BodyClaim claim, int max) {
    byte[] document = body.readAll(max);
    if (document != null && !claim.isNone()) {
      BodyDigests.of(document, claim.checksum().algorithm()).verify(claim, body.trailers());
    }
    return document;
  }
}
