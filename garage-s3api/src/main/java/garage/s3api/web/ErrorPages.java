package garage.s3api.web;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.s3api.error.S3Error;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The pages of failed requests. Whatever a client sent is text in them, never markup. */
final class ErrorPages {
  private static final int NOT_MODIFIED = 304;

  private final String hostId;

  ErrorPages(String hostId) {
    this.hostId = hostId;
  }

  /**
   * A page of our own.
   *
   * @param trouble with the site's own page; null if it has none
   */
  HttpResponse page(String method, String requestId, S3Error error, @Nullable S3Error trouble) {
    Headers headers = headers(error).add("Content-Type", "text/html; charset=utf-8").build();
    if (method.equals("HEAD") || error.code().status() == NOT_MODIFIED) {
      return HttpResponse.empty(error.code().status(), headers);
    }
    byte[] body = html(requestId, error, trouble).getBytes(StandardCharsets.UTF_8);
    return HttpResponse.bytes(error.code().status(), headers, body);
  }

  /** The site's own page, which was found as {@code page}. */
  static HttpResponse custom(HttpResponse page, S3Error error) {
    Headers.Builder headers = page.headers().toBuilder();
    Headers ours = headers(error).build();
    ours.forEach(headers::set);
    return new HttpResponse(error.code().status(), headers.build(), page.body());
  }

  private static Headers.Builder headers(S3Error error) {
    Headers.Builder headers = Headers.builder().add("x-amz-error-code", error.code().wireName());
    String message = error.message();
    if (Headers.isValue(message)) {
      headers.add("x-amz-error-message", message);
    }
    headers.add("X-Content-Type-Options", "nosniff");
    error.headers().forEach(header -> headers.add(header.name(), header.value()));
    return headers;
  }

  private String html(String requestId, S3Error error, @Nullable S3Error trouble) {
    String title = error.code().status() + " " + reason(error.code().status());
    StringBuilder html = new StringBuilder("<html>\n<head><title>");
    html.append(title).append("</title></head>\n<body>\n<h1>").append(title).append("</h1>\n");
    list(html, error);
    html.insert(html.length() - "</ul>\n".length(), item("RequestId", requestId));
    html.insert(html.length() - "</ul>\n".length(), item("HostId", hostId));
    if (trouble != null) {
      html.append(
          "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n");
      list(html, trouble);
    }
    return html.append("<hr/>\n</body>\n</html>\n").toString();
  }

  private static void list(StringBuilder html, S3Error error) {
    html.append("<ul>\n").append(item("Code", error.code().wireName()));
    html.append(item("Message", error.message()));
    error.fields().forEach(field -> html.append(item(field.name(), field.value())));
    html.append("</ul>\n");
  }

  private static String item(String name, String value) {
    return "<li>" + name + ": " + escaped(value) + "</li>\n";
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c < ' ' ? ' ' : c);
      }
    }
    return out.toString();
  }

  private static String reason(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 412 -> "Precondition Failed";
      case 416 -> "Requested Range Not Satisfiable";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      default -> status >= 500 ? "Internal Server Error" : "Error";
    };
  }
}
