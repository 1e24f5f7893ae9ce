package garage.http;

/** Answers requests, each on a task of its own. */
@FunctionalInterface
public interface HttpHandler {
  /**
   * Answers one request, blocking as long as it takes. The task is cancelled when the client goes
   * away. Failures are the handler's to turn into replies; one that escapes is logged and becomes
   * {@link #refuse}'s INTERNAL.
   */
  HttpResponse handle(HttpRequest request);

  /**
   * The reply in this front end's own form where the server refuses in the handler's place; the
   * connection is closed after most of them. Runs on the server's I/O thread: must not block.
   */
  default HttpResponse refuse(ProtocolError error, String requestId) {
    return HttpResponse.text(error.kind().status(), error.detail() + "\n");
  }
}
