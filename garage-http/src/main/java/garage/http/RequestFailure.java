package garage.http;

/**
 * Why the rest of a request's body will not come: what {@link BodyStream} throws. It concerns one
 * client only and never crosses to another node. The connection is closed after the reply. Clients
 * bring it about at will, so it carries no stack trace.
 */
public abstract sealed class RequestFailure extends RuntimeException {
  private RequestFailure(String message) {
    super(message, null, false, false);
  }

  /** The client closed the connection before the end; nobody will read a reply. */
  public static final class ClientGone extends RequestFailure {
    public ClientGone(String message) {
      super(message);
    }
  }

  /** The client sent less than the least rate for too long. */
  public static final class TooSlow extends RequestFailure {
    public TooSlow(String message) {
      super(message);
    }
  }

  /** The chunked framing is malformed, or the body is not of the length declared. */
  public static final class BadFraming extends RequestFailure {
    public BadFraming(String message) {
      super(message);
    }
  }
}
