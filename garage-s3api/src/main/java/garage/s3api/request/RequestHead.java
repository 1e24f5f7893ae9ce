package garage.s3api.request;

import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.RequestTarget;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP request.
 *
 * @param host the host the client named, with or without a port; empty if it named none
 */
public record RequestHead(String method, String host, RequestTarget target, Headers headers) {
  /** The head of {@code request}. */
  public static RequestHead of(HttpRequest request) {
    String host = request.host();
    return new RequestHead(
        request.method(), host == null ? "" : host, request.target(), request.headers());
  }

  /** The value of a header, several joined by a comma; null if there is none. */
  public @Nullable String header(String name) {
    List<String> values = headers.all(name);
    return values.isEmpty() ? null : String.join(",", values).strip();
  }

  /** A header that is there and not empty; null otherwise. */
  public @Nullable String filled(String name) {
    String value = header(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Whether a header holds {@code text} in any case. */
  boolean says(String name, String lowerCaseText) {
    String value = header(name);
    return value != null && value.toLowerCase(Locale.ROOT).equals(lowerCaseText);
  }
}
