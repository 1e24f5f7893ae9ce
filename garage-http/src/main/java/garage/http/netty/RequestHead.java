package garage.http.netty;

import garage.http.Headers;
import garage.http.RequestTarget;

/**
 * A request's head, checked.
 *
 * @param persistent whether the client lets the connection live on (never with HTTP/1.0)
 * @param contentLength -1 if the body is chunked, 0 if there is none
 */
record RequestHead(
    String method,
    RequestTarget target,
    Headers headers,
    boolean http11,
    boolean persistent,
    long contentLength,
    boolean expectsContinue) {
  static final long CHUNKED = -1;

  boolean isHead() {
    return method.equals("HEAD");
  }

  boolean hasBody() {
    return contentLength != 0;
  }
}
