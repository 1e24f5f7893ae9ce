package garage.http;

import garage.common.env.Address;
import org.jspecify.annotations.Nullable;

/**
 * A request whose head was read and whose body comes as it is asked for.
 *
 * @param id unique over the server's life: 16 hex digits in upper case
 * @param method as sent, in its own case
 * @param body at its end at once if there is none
 * @param contentLength bytes of the body; -1 if it is chunked, 0 if there is none
 */
public record HttpRequest(
    String id,
    String method,
    RequestTarget target,
    Headers headers,
    BodyStream body,
    long contentLength,
    Peer peer) {

  /** Where a request came from, and whether through TLS. */
  public record Peer(Address address, boolean secure) {}

  public HttpRequest {
    if (contentLength < -1) {
      throw new IllegalArgumentException("a length of " + contentLength);
    }
  }

  /** The host and optional port the client named, or null. */
  public @Nullable String host() {
    return target.authority() != null ? target.authority() : headers.first("host");
  }

  /** The decoded query parameters. */
  public Query query() {
    return target.query();
  }
}
