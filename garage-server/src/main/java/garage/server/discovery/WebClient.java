package garage.server.discovery;

import garage.common.env.Deadline;
import java.util.Map;

/** Sends requests to one service over HTTP, with the TLS it was made with. */
public interface WebClient {
  /** Characters of an answer; a longer one is a failure. */
  int ANSWER_CHARS_MAX = 8 << 20;

  /**
   * A request.
   *
   * @param path with its query
   * @param body empty for none
   */
  record Request(String method, String path, Map<String, String> headers, String body) {
    public Request {
      headers = Map.copyOf(headers);
    }
  }

  /** What came back. */
  record Reply(int status, String body) {}

  /**
   * Sends it and waits.
   *
   * @throws garage.common.error.GarageException.Unreachable if there is no answer
   * @throws garage.common.error.GarageException.TimedOut at {@code deadline}
   */
  Reply send(Request request, Deadline deadline);
}
