package garage.http.json;

/**
 * A text that is not JSON, or more of it than is read; the message says why. Clients bring it about
 * at will, so it carries no stack trace.
 */
public final class JsonSyntaxException extends RuntimeException {
  JsonSyntaxException(String problem) {
    super(problem, null, false, false);
  }
}
