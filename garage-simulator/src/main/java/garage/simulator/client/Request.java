package garage.simulator.client;

import garage.http.Headers;
import java.time.Duration;

/**
 * A request as a client makes it.
 *
 * @param headers without those of the signature
 * @param body what is announced; {@link Sending} may break it off
 */
public record Request(
    String method,
    String target,
    Headers headers,
    byte[] body,
    Sending sending,
    Duration patience) {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * How the body goes out.
   *
   * @param pieceBytes how much at once
   * @param pause between two pieces
   * @param breakAt after how many bytes the client disconnects; -1 for never
   */
  public record Sending(int pieceBytes, Duration pause, int breakAt) {
    /** At once and whole. */
    public static final Sending WHOLE = new Sending(Integer.MAX_VALUE, Duration.ZERO, -1);
  }

  /** A request without a body. */
  public static Request of(String method, String target, String... headers) {
    return new Request(method, target, Headers.of(headers), new byte[0], Sending.WHOLE, PATIENCE);
  }

  /** This with a body. */
  public Request with(byte[] content) {
    return new Request(method, target, headers, content, sending, patience);
  }

  /** This with one more header field. */
  public Request with(String name, String value) {
    return new Request(method, target, headers.with(name, value), body, sending, patience);
  }

  /** This with a body sent in another way. */
  public Request with(Sending way) {
    return new Request(method, target, headers, body, way, patience);
  }

  /** This with other headers. */
  public Request withHeaders(Headers other) {
    return new Request(method, target, other, body, sending, patience);
  }

  /** This from a client that waits for so long. */
  public Request within(Duration time) {
    return new Request(method, target, headers, body, sending, time);
  }
}
