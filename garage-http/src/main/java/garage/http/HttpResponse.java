package garage.http;

import java.nio.charset.StandardCharsets;

/**
 * A reply. Content-Length, Transfer-Encoding, Connection and Date are the server's to write; only
 * the reply to a HEAD may state a Content-Length itself, with an empty body.
 */
public record HttpResponse(int status, Headers headers, ResponseBody body) {
  private static final ResponseBody EMPTY = new ResponseBody.Empty();

  public HttpResponse {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("not a final status: " + status);
    }
  }

  /** A reply without a body. */
  public static HttpResponse empty(int status, Headers headers) {
    return new HttpResponse(status, headers, EMPTY);
  }

  /** A reply with a body in memory. */
  public static HttpResponse bytes(int status, Headers headers, byte[] body) {
    return new HttpResponse(status, headers, new ResponseBody.Bytes(body));
  }

  /** A plain text reply. */
  public static HttpResponse text(int status, String text) {
    return bytes(
        status,
        Headers.of("Content-Type", "text/plain; charset=utf-8"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  /** A reply whose body is produced while it is sent. */
  public static HttpResponse streamed(
      int status, Headers headers, long length, ResponseBody.Writer writer) {
    return new HttpResponse(status, headers, new ResponseBody.Streamed(length, writer));
  }

  /** This reply with one more header field. */
  public HttpResponse with(String name, String value) {
    return new HttpResponse(status, headers.with(name, value), body);
  }
}
