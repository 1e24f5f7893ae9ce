package garage.s3api.web;

import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.UriEncoding;
import garage.model.bucket.Website;
import org.jspecify.annotations.Nullable;

/**
 * Where requests to a site are sent instead. A location made of what the client sent stays on the
 * host it is meant for: a key that begins with slashes has them encoded, since {@code //name} would
 * name a host.
 */
final class Redirects {
  private static final int MOVED = 301;
  private static final int FOUND = 302;

  private Redirects() {}

  /**
   * The first rule for {@code key}; null if there is none. {@code error}: see {@link Website.Rule}.
   */
  static Website.@Nullable Rule rule(Website.Pages pages, String key, @Nullable Integer error) {
    for (Website.Rule rule : pages.rules()) {
      String prefix = rule.prefix();
      boolean when = rule.error() == null ? error == null : rule.error().equals(error);
      if (when && (prefix == null || key.startsWith(prefix))) {
        return rule;
      }
    }
    return null;
  }

  /** What a rule makes of a request for {@code key}. */
  static HttpResponse of(Website.Rule rule, HttpRequest http, String key) {
    Website.Redirect to = rule.redirect();
    String prefix = rule.prefix() == null ? "" : rule.prefix();
    String path =
        path(
            switch (to.key()) {
              case null -> key;
              case Website.KeyChange.Whole(String whole) -> whole;
              case Website.KeyChange.Prefix(String other) -> other + key.substring(prefix.length());
            });
    String host = to.host() == null && to.protocol() != null ? http.host() : to.host();
    return host == null
        ? to(to.status(), path)
        : to(to.status(), absolute(http, to.protocol(), host) + path);
  }

  /** All of a site is elsewhere. */
  static HttpResponse of(Website.Elsewhere site, HttpRequest http, String key) {
    String query = http.target().rawQuery();
    return to(
        MOVED,
        absolute(http, site.protocol(), site.host())
            + path(key)
            + (query == null ? "" : "?" + query));
  }

  /** The object says itself where it is. */
  static HttpResponse ofObject(String location) {
    return to(MOVED, location);
  }

  /** The folder of this key, which the client named without its slash. */
  static HttpResponse toFolder(String key) {
    return to(FOUND, path(key + "/"));
  }

  private static HttpResponse to(int status, String location) {
    return HttpResponse.empty(status, Headers.of("Location", location));
  }

  private static String absolute(HttpRequest http, @Nullable String protocol, String host) {
    String own = http.peer().secure() || isForwardedTls(http) ? "https" : "http";
    return (protocol == null ? own : protocol) + "://" + host;
  }

  /** A proxy in front may have taken the TLS off. */
  private static boolean isForwardedTls(HttpRequest http) {
    return "https".equals(http.headers().first("x-forwarded-proto"));
  }

  private static String path(String key) {
    int slashes = 0;
    while (slashes < key.length() && key.charAt(slashes) == '/') {
      slashes++;
    }
    return "/" + "%2F".repeat(slashes) + UriEncoding.encodePath(key.substring(slashes));
  }
}
