package garage.s3api.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.http.Headers;
import garage.http.RequestTarget;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.util.Objects;

/** Makes request heads and parses them. */
final class Heads {
  private static final S3RequestParser PARSER = new S3RequestParser("s3.example.com");

  private Heads() {}

  static RequestHead head(String method, String target, String... headers) {
    return new RequestHead(
        method,
        "localhost:3900",
        Objects.requireNonNull(RequestTarget.parse(target)),
        Headers.of(headers));
  }

  static S3Request parse(String method, String target, String... headers) {
    return PARSER.parse(head(method, target, headers));
  }

  static S3Request parseAt(String host, String method, String target) {
    RequestHead plain = head(method, target);
    return PARSER.parse(new RequestHead(method, host, plain.target(), plain.headers()));
  }

  static S3Error refused(S3ErrorCode code, String method, String target, String... headers) {
    S3Exception e = assertThrows(S3Exception.class, () -> parse(method, target, headers));
    assertEquals(code, e.error().code(), e.error().message());
    return e.error();
  }
}
