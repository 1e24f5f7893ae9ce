package garage.http.sigv4;

import garage.common.env.Address;
import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.RequestTarget;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;

/** Requests as they reach the verifier, and AWS's example credentials. */
final class Requests {
  static final Credentials EXAMPLE =
      new Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  static final Instant EXAMPLE_TIME = Instant.parse("2013-05-24T00:00:00Z");
  static final String EMPTY_SHA256 = CanonicalRequest.EMPTY_HASH;

  private Requests() {}

  static HttpRequest of(String method, String target, Headers headers, byte[] body) {
    return of(method, target, headers, BodyStream.of(body), body.length);
  }

  static HttpRequest of(
      String method, String target, Headers headers, BodyStream body, long length) {
    RequestTarget parsed = Objects.requireNonNull(RequestTarget.parse(target), target);
    return new HttpRequest(
        "0000000000000001",
        method,
        parsed,
        headers,
        body,
        length,
        new HttpRequest.Peer(new Address("127.0.0.1", 1), false));
  }

  static SignatureVerifier verifier(Instant now) {
    return new SignatureVerifier(
        new FixedClock(now), "s3", id -> id.equals(EXAMPLE.accessKeyId()) ? EXAMPLE : null);
  }

  /** A stream that hands its bytes out in pieces of random length. */
  static BodyStream inPieces(byte[] bytes, Random random) {
    BodyStream whole = BodyStream.of(bytes);
    return new BodyStream() {
      @Override
      public int read(byte[] target, int offset, int length) {
        return whole.read(target, offset, Math.min(length, 1 + random.nextInt(9000)));
      }
    };
  }
}
