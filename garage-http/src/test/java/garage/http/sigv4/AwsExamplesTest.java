package garage.http.sigv4;

import static garage.http.sigv4.Requests.EMPTY_SHA256;
import static garage.http.sigv4.Requests.EXAMPLE;
import static garage.http.sigv4.Requests.EXAMPLE_TIME;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.http.Headers;
import garage.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The examples AWS publishes with their signatures: "Signature Calculations for the Authorization
 * Header" (single chunk, chunked, trailing headers) and "Authenticating Requests: Using Query
 * Parameters" of the S3 API reference.
 */
class AwsExamplesTest {
  private static final String HOST = "examplebucket.s3.amazonaws.com";
  private static final byte[] NONE = new byte[0];

  @Test
  void getObjectWithARangeIsAccepted() {
    accept(
        "GET",
        "/test.txt",
        Headers.of("Host", HOST, "Range", "bytes=0-9"),
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        NONE);
  }

  @Test
  void putObjectWithAnEncodedKeyIsAcceptedWithItsBody() {
    byte[] body = "Welcome to Amazon S3.".getBytes(StandardCharsets.US_ASCII);
    Headers headers =
        Headers.of(
            "Host", HOST,
            "Date", "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-date", "20130524T000000Z",
            "x-amz-storage-class", "REDUCED_REDUNDANCY",
            "x-amz-content-sha256",
                "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "Authorization",
                authorization(
                    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
    HttpRequest request = Requests.of("PUT", "/test$file.text", headers, body);
    Authentication.Signed signed = signed(request);
    assertArrayEquals(body, signed.payload().readAll(100));
    signed(Requests.of("PUT", "/test%24file.text", headers, body));
  }

  @Test
  void bucketSubresourceIsAccepted() {
    accept(
        "GET",
        "/?lifecycle",
        Headers.of("Host", HOST),
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        NONE);
  }

  @Test
  void listObjectsIsAcceptedWhateverTheOrderOfItsParameters() {
    String signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
    for (String target : new String[] {"/?max-keys=2&prefix=J", "/?prefix=J&max-keys=2"}) {
      accept(
          "GET",
          target,
          Headers.of("Host", HOST),
          "host;x-amz-content-sha256;x-amz-date",
          signature,
          NONE);
    }
  }

  @Test
  void presignedGetIsAcceptedAndMadeAlike() {
    String target =
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature="
            + "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    Headers headers = Headers.of("Host", HOST);
    assertTrue(signed(Requests.of("GET", target, headers, NONE)).presigned());
    assertEquals(
        target,
        signer()
            .presign(
                new RequestSigner.Unsigned("GET", "/test.txt", headers),
                EXAMPLE_TIME,
                Duration.ofDays(1)));
  }

  @Test
  void chunkedUploadIsDecodedAndMadeAlike() {
    byte[] content = content();
    Headers headers =
        Headers.of(
            "Host", "s3.amazonaws.com",
            "Content-Encoding", "aws-chunked",
            "Content-Length", "66824",
            "x-amz-decoded-content-length", "66560",
            "x-amz-storage-class", "REDUCED_REDUNDANCY");
    RequestSigner.Signed made =
        signer()
            .sign(
                new RequestSigner.Unsigned("PUT", "/examplebucket/chunkObject.txt", headers),
                PayloadMode.STREAMING_SIGNED,
                EXAMPLE_TIME);
    assertSignature("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", made);
    byte[] body = made.chunks().encode(content, 65536, Headers.EMPTY);
    assertEquals(66824, body.length);
    String wire = new String(body, StandardCharsets.ISO_8859_1);
    assertTrue(
        wire.startsWith(
            "10000;chunk-signature="
                + "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"));
    assertTrue(
        wire.contains(
            "\r\n400;chunk-signature="
                + "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"));
    assertTrue(
        wire.endsWith(
            "\r\n0;chunk-signature="
                + "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"));
    Payload payload =
        signed(Requests.of("PUT", "/examplebucket/chunkObject.txt", made.headers(), body))
            .payload();
    assertEquals(66560, payload.length());
    assertArrayEquals(content, payload.readAll(1 << 20));
  }

  @Test
  void uploadWithASignedTrailerIsDecodedAndMadeAlike() {
    byte[] content = content();
    Headers headers =
        Headers.of(
            "Host", "s3.amazonaws.com",
            "Content-Encoding", "aws-chunked",
            "x-amz-decoded-content-length", "66560",
            "x-amz-storage-class", "REDUCED_REDUNDANCY",
            "x-amz-trailer", "x-amz-checksum-crc32c");
    RequestSigner.Signed made =
        signer()
            .sign(
                new RequestSigner.Unsigned("PUT", "/examplebucket/chunkObject.txt", headers),
                PayloadMode.STREAMING_SIGNED_TRAILER,
                EXAMPLE_TIME);
    assertSignature("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", made);
    byte[] body =
        made.chunks().encode(content, 65536, Headers.of("x-amz-checksum-crc32c", "sOO8/Q=="));
    String end =
        "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
            + "x-amz-checksum-crc32c:sOO8/Q==\r\n"
            + "x-amz-trailer-signature:"
            + "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
    String wire = new String(body, StandardCharsets.ISO_8859_1);
    assertTrue(wire.endsWith(end));
    // The forms in which clients, and AWS's own page, write the end.
    for (String form :
        new String[] {
          end,
          end.replace("sOO8/Q==\r\n", "sOO8/Q==\n\r\n"),
          end.replaceFirst("\r\n", "\r\n\r\n"),
          end.substring(0, end.length() - 2),
          end + "\r\n"
        }) {
      byte[] variant = wire.replace(end, form).getBytes(StandardCharsets.ISO_8859_1);
      Payload payload =
          signed(Requests.of("PUT", "/examplebucket/chunkObject.txt", made.headers(), variant))
              .payload();
      assertArrayEquals(content, payload.readAll(1 << 20));
      assertEquals(Headers.of("x-amz-checksum-crc32c", "sOO8/Q=="), payload.trailers());
    }
  }

  private static void accept(
      String method, String target, Headers headers, String names, String signature, byte[] body) {
    Headers all =
        headers
            .with("x-amz-content-sha256", EMPTY_SHA256)
            .with("x-amz-date", "20130524T000000Z")
            .with("Authorization", authorization(names, signature));
    assertEquals(EXAMPLE, signed(Requests.of(method, target, all, body)).credentials());
    RequestSigner.Signed made =
        signer()
            .sign(new RequestSigner.Unsigned(method, target, headers), EMPTY_SHA256, EXAMPLE_TIME);
    assertSignature(signature, made);
  }

  private static void assertSignature(String signature, RequestSigner.Signed made) {
    String authorization = String.valueOf(made.headers().first("authorization"));
    assertTrue(authorization.endsWith("Signature=" + signature), authorization);
  }

  private static Authentication.Signed signed(HttpRequest request) {
    return assertInstanceOf(
        Authentication.Signed.class, Requests.verifier(EXAMPLE_TIME).authenticate(request));
  }

  private static RequestSigner signer() {
    return new RequestSigner(EXAMPLE, "us-east-1", "s3");
  }

  private static String authorization(String names, String signature) {
    return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        + "SignedHeaders="
        + names
        + ",Signature="
        + signature;
  }

  private static byte[] content() {
    byte[] content = new byte[66560];
    Arrays.fill(content, (byte) 'a');
    return content;
  }
}
