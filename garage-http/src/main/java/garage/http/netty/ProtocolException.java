package garage.http.netty;

import garage.http.ProtocolError;

/** Stops the reading of a request that must not be served. */
final class ProtocolException extends RuntimeException {
  private final transient ProtocolError error;

  ProtocolException(ProtocolError.Kind kind, String detail) {
    super(detail, null, false, false); // expected on hostile input: no stack trace
    this.error = new ProtocolError(kind, detail);
  }

  static ProtocolException malformed(String detail) {
    return new ProtocolException(ProtocolError.Kind.MALFORMED, detail);
  }

  ProtocolError error() {
    return error;
  }
}
