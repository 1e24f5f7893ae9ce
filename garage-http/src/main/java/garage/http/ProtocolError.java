package garage.http;

/**
 * Why the server answers in the handler's place.
 *
 * @param detail one sentence, fit for the client
 */
public record ProtocolError(Kind kind, String detail) {
  /** What went wrong, and the status that says so. */
  public enum Kind {
    /** The bytes are not HTTP/1.1, or two readers could take them for different requests. */
    MALFORMED(400),
    /** The target's path or query cannot be decoded. */
    BAD_TARGET(400),
    /** The body stopped arriving, or arrives too slowly. */
    BODY_TOO_SLOW(400),
    /** The body's framing is malformed, or it ended before its length. */
    BAD_BODY(400),
    /** The head did not arrive in time. */
    HEAD_TIMEOUT(408),
    TARGET_TOO_LONG(414),
    HEAD_TOO_LARGE(431),
    /** The handler failed before anything was sent. */
    INTERNAL(500),
    TRANSFER_CODING_UNKNOWN(501),
    TOO_MANY_CONNECTIONS(503),
    /** What the response is made of cannot be had now; nothing was sent. */
    UNAVAILABLE(503),
    VERSION_UNKNOWN(505);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }
  }
}
