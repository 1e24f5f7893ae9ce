package garage.http.sigv4;

import garage.common.hash.Digests;
import garage.http.Headers;
import garage.http.Query;
import garage.http.UriEncoding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The canonical request: the text both sides derive from a request and hash.
 *
 * <p>S3's own rules differ from other services': the path is encoded once and not normalised, so
 * {@code //} and {@code .} stay. Path and query are decoded and encoded again, because clients
 * differ in what they leave bare. Header values are trimmed and runs of spaces become one; repeated
 * fields are joined by commas in the order sent.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">AWS,
 *     Signature Calculations for the Authorization Header</a>
 */
final class CanonicalRequest {
  /** The SHA-256 of no bytes. */
  static final String EMPTY_HASH =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private static final int USUAL_LENGTH = 640;

  private CanonicalRequest() {}

  /**
   * The text.
   *
   * @param path decoded
   * @param query without X-Amz-Signature
   * @param signedHeaders in lower case, sorted, each once
   */
  static String text(
      String method, String path, Query query, SignedHeaders signedHeaders, String payloadHash) {
    StringBuilder out = new StringBuilder(USUAL_LENGTH);
    out.append(method).append('\n').append(UriEncoding.encodePath(path)).append('\n');
    out.append(query(query)).append('\n');
    signedHeaders.canonical(out);
    out.append('\n');
    signedHeaders.list(out);
    return out.append('\n').append(payloadHash).toString();
  }

  static String hash(String text) {
    return Digests.sha256(text.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static String query(Query query) {
    int count = query.parameters().size();
    if (count == 0) {
      return "";
    }
    List<String[]> pairs = new ArrayList<>(count);
    for (Query.Parameter p : query.parameters()) {
      pairs.add(new String[] {UriEncoding.encode(p.name()), UriEncoding.encode(p.value())});
    }
    pairs.sort(Arrays::compare);
    StringBuilder out = new StringBuilder();
    for (String[] pair : pairs) {
      out.append(out.isEmpty() ? "" : "&").append(pair[0]).append('=').append(pair[1]);
    }
    return out.toString();
  }

  /** The names a signature covers, with the request's values for them. */
  record SignedHeaders(List<String> names, Headers headers) {
    void list(StringBuilder out) {
      for (int i = 0; i < names.size(); i++) {
        out.append(i == 0 ? "" : ";").append(names.get(i));
      }
    }

    void canonical(StringBuilder out) {
      for (String name : names) {
        out.append(name).append(':');
        boolean first = true;
        for (int i = 0; i < headers.size(); i++) {
          if (headers.name(i).equalsIgnoreCase(name)) {
            out.append(first ? "" : ",");
            collapse(headers.value(i), out);
            first = false;
          }
        }
        out.append('\n');
      }
    }
  }

  /** Appends {@code value} trimmed, with runs of spaces as one. */
  private static void collapse(String value, StringBuilder out) {
    int from = 0;
    int to = value.length();
    while (from < to && isBlank(value.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(value.charAt(to - 1))) {
      to--;
    }
    int run = value.indexOf("  ", from);
    if (run < 0 || run >= to) {
      out.append(value, from, to);
      return;
    }
    for (int i = from; i < to; i++) {
      char c = value.charAt(i);
      if (c != ' ' || value.charAt(i - 1) != ' ') {
        out.append(c);
      }
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
