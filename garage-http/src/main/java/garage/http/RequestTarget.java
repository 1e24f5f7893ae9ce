package garage.http;

import org.jspecify.annotations.Nullable;

/**
 * What a request is for.
 *
 * @param raw as it stood in the request line
 * @param authority the host and port of an absolute target, which then outranks the Host header
 * @param rawPath the path as sent, {@code /} if there was none
 * @param path the path decoded
 * @param rawQuery what stood after the question mark, null without one
 */
public record RequestTarget(
    String raw,
    @Nullable String authority,
    String rawPath,
    String path,
    @Nullable String rawQuery,
    Query query) {

  /**
   * Parses the origin form ({@code /path?query}), the absolute form, or {@code *}; null if it is
   * none of them, or its encoding is malformed or not UTF-8.
   */
  public static @Nullable RequestTarget parse(String raw) {
    if (raw.equals("*")) {
      return new RequestTarget(raw, null, "*", "*", null, Query.EMPTY);
    }
    int scheme = raw.startsWith("/") ? -1 : raw.indexOf("://");
    if (scheme < 0) {
      return raw.startsWith("/") ? parse(raw, null, raw) : null;
    }
    String name = raw.substring(0, scheme);
    if (!name.equalsIgnoreCase("http") && !name.equalsIgnoreCase("https")) {
      return null;
    }
    int start = scheme + 3;
    int end = start;
    while (end < raw.length() && raw.charAt(end) != '/' && raw.charAt(end) != '?') {
      end++;
    }
    String authority = raw.substring(start, end);
    String rest = raw.substring(end);
    return authority.isEmpty() || authority.indexOf('@') >= 0
        ? null
        : parse(raw, authority, rest.startsWith("/") ? rest : "/" + rest);
  }

  private static @Nullable RequestTarget parse(
      String raw, @Nullable String authority, String pathAndQuery) {
    if (pathAndQuery.indexOf('#') >= 0) {
      return null;
    }
    int mark = pathAndQuery.indexOf('?');
    String rawPath = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
    String rawQuery = mark < 0 ? null : pathAndQuery.substring(mark + 1);
    String path = UriEncoding.decodePath(rawPath);
    Query query = rawQuery == null ? Query.EMPTY : Query.parse(rawQuery);
    return path == null || query == null
        ? null
        : new RequestTarget(raw, authority, rawPath, path, rawQuery, query);
  }
}
