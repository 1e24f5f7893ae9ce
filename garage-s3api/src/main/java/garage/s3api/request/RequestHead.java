package garage.s3api.request;

import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.Query;
import garage.http.RequestTarget;
import garage.s3api.error.S3Error;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP request.
 *
 * @param host the host the client named, with or without a port; empty if it named none
 */
public record RequestHead(String method, String host, RequestTarget target, Headers headers) {
  /** What stands in the query of a presigned request and is no header that moved there. */
  private static final Set<String> PRESIGNING =
      Set.of(
          "x-amz-algorithm",
          "x-amz-credential",
          "x-amz-date",
          "x-amz-expires",
          "x-amz-signedheaders",
          "x-amz-signature",
          "x-amz-content-sha256");

  /**
   * The head of {@code request}. SDKs move {@code x-amz-} headers of a presigned request into its
   * query, where they mean the same.
   */
  public static RequestHead of(HttpRequest request) {
    String host = request.host();
    return new RequestHead(
        request.method(),
        host == null ? "" : host,
        request.target(),
        withMoved(request.headers(), request.query()));
  }

  private static Headers withMoved(Headers headers, Query query) {
    Headers.Builder all = null;
    for (Query.Parameter parameter : query.parameters()) {
      String name = parameter.name().toLowerCase(Locale.ROOT);
      if (name.startsWith("x-amz-") && !PRESIGNING.contains(name) && !headers.contains(name)) {
        if (!Headers.isToken(name) || !Headers.isValue(parameter.value())) {
          throw S3Error.invalidArgument("Not a header", name, parameter.value()).exception();
        }
        all = all == null ? headers.toBuilder() : all;
        all.add(name, parameter.value());
      }
    }
    return all == null ? headers : all.build();
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
