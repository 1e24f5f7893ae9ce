package garage.simulator.client;

import garage.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a client saw of a request. */
public sealed interface Outcome {
  /**
   * A reply arrived, whole or cut off in its body.
   *
   * @param whole whether the body is all that was announced
   */
  record Reply(int status, Headers headers, byte[] body, boolean whole) implements Outcome {
    /** The body as text. */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** The text of the first XML element of this name. */
    public @Nullable String element(String name) {
      Matcher matcher = Pattern.compile("<" + name + ">([^<]*)</" + name + ">").matcher(text());
      return matcher.find() ? matcher.group(1) : null;
    }

    @Override
    public String toString() {
      return status + (status >= 400 ? " " + element("Code") : "") + (whole ? "" : " (cut off)");
    }
  }

  /** Nobody answered the connection: the request had no effect. */
  record Refused() implements Outcome {}

  /** The connection broke or the client's patience ended: it may have had an effect. */
  record Lost(String why) implements Outcome {}
}
