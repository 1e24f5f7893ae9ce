package garage.http.sigv4;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.RequestFailure;
import garage.http.RequestTarget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Whatever a client claims: it is refused, or nobody; never somebody without the secret. */
class SignatureFuzzTest {
  private static final byte[] CONTENT = "hello".getBytes(StandardCharsets.US_ASCII);

  /** One for all inputs, as a server has one for all requests. */
  private static final SignatureVerifier VERIFIER = Requests.verifier(Requests.EXAMPLE_TIME);

  private static final Headers SIGNED =
      new RequestSigner(Requests.EXAMPLE, "us-east-1", "s3")
          .sign(
              new RequestSigner.Unsigned(
                  "PUT",
                  "/bucket/key",
                  Headers.of("Host", "localhost", "x-amz-decoded-content-length", "5")),
              PayloadMode.STREAMING_SIGNED,
              Requests.EXAMPLE_TIME)
          .headers();

  /** The first line is the target, the others are header fields. */
  @FuzzTest(maxDuration = "")
  void aClaimIsRefusedOrNobodys(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    String[] lines = text.split("\n", -1);
    RequestTarget target = RequestTarget.parse(lines[0]);
    if (target == null) {
      return;
    }
    HttpRequest request = Requests.of("GET", lines[0], headers(lines), new byte[0]);
    try {
      Authentication who = VERIFIER.authenticate(request);
      assertTrue(who instanceof Authentication.Anonymous, "somebody without the secret");
    } catch (SignatureException e) {
      assertFalse(String.valueOf(e.getMessage()).contains(Requests.EXAMPLE.secretKey()));
    }
  }

  @FuzzTest(maxDuration = "")
  void unsignedChunksAreReadOrRefused(byte[] body) {
    Headers headers =
        Headers.of(
            "Host", "localhost",
            "x-amz-content-sha256", PayloadMode.STREAMING_UNSIGNED_TRAILER,
            "x-amz-decoded-content-length", "5",
            "x-amz-trailer", "x-amz-checksum-crc32");
    byte[] read = read(headers, body);
    assertTrue(read == null || read.length == 5, "a body that is not of its length");
  }

  @FuzzTest(maxDuration = "")
  void signedChunksAreReadOnlyAsTheyWereSigned(byte[] body) {
    byte[] read = read(SIGNED, body);
    assertTrue(read == null || Arrays.equals(read, CONTENT), "chunks nobody signed");
  }

  private static byte @Nullable [] read(Headers headers, byte[] body) {
    HttpRequest request =
        Requests.of("PUT", "/bucket/key", headers, BodyStream.of(body), body.length);
    try {
      return VERIFIER.authenticate(request).payload().readAll(body.length + 1);
    } catch (SignatureException | RequestFailure e) {
      return null;
    }
  }

  private static Headers headers(String[] lines) {
    Headers.Builder headers = Headers.builder().add("Host", "localhost");
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.addIfValid(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip());
      }
    }
    return headers.build();
  }
}
