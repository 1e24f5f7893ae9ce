package garage.http.netty;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.http.ResponseBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** Decides how a response is framed, and writes its head. */
final class ResponseHead {
  /** Of a head without header fields. */
  private static final int BASE_BYTES = 160;

  /** How the body is delimited. */
  enum Framing {
    /** There is no body. */
    NONE,
    /** By Content-Length. */
    LENGTH,
    /** By chunks. */
    CHUNKED,
    /** By the end of the connection, for HTTP/1.0. */
    CLOSE
  }

  private final HttpResponse response;
  private final boolean toHead;
  private final boolean http11;

  ResponseHead(HttpResponse response, boolean toHead, boolean http11) {
    this.response = response;
    this.toHead = toHead;
    this.http11 = http11;
  }

  /** The body's length; {@link ResponseBody#UNKNOWN_LENGTH} if unknown. */
  long length() {
    return switch (response.body()) {
      case ResponseBody.Empty _ -> 0;
      case ResponseBody.Bytes b -> b.bytes().length;
      case ResponseBody.Streamed s -> s.length();
    };
  }

  Framing framing() {
    if (toHead || isBodiless()) {
      return Framing.NONE;
    }
    if (length() != ResponseBody.UNKNOWN_LENGTH) {
      return Framing.LENGTH;
    }
    return http11 ? Framing.CHUNKED : Framing.CLOSE;
  }

  private boolean isBodiless() {
    return response.status() == 204 || response.status() == 304;
  }

  /** Enough for the head of any response. */
  int sizeEstimate() {
    int size = BASE_BYTES;
    Headers headers = response.headers();
    for (int i = 0; i < headers.size(); i++) {
      // Three bytes of UTF-8 are the most a char takes.
      size += headers.name(i).length() + 3 * headers.value(i).length() + 4;
    }
    return size;
  }

  void write(ByteBuf out, String date, boolean close) {
    ByteBufUtil.writeAscii(
        out, "HTTP/1.1 " + response.status() + " " + reason(response.status()) + "\r\n");
    Headers headers = response.headers();
    for (int i = 0; i < headers.size(); i++) {
      if (!isOwn(headers.name(i))) {
        field(out, headers.name(i), headers.value(i));
      }
    }
    field(out, "Date", date);
    writeLength(out);
    if (framing() == Framing.CHUNKED) {
      field(out, "Transfer-Encoding", "chunked");
    }
    if (close) {
      field(out, "Connection", "close");
    }
    out.writeByte('\r').writeByte('\n');
  }

  /** Whether a field is the server's to say; a handler's is left out. */
  private static boolean isOwn(String name) {
    return name.equalsIgnoreCase("content-length")
        || name.equalsIgnoreCase("transfer-encoding")
        || name.equalsIgnoreCase("connection")
        || name.equalsIgnoreCase("date");
  }

  private void writeLength(ByteBuf out) {
    String stated = response.headers().first("content-length");
    if (toHead && stated != null && response.body() instanceof ResponseBody.Empty) {
      field(out, "Content-Length", stated);
    } else if (!isBodiless() && length() != ResponseBody.UNKNOWN_LENGTH) {
      field(out, "Content-Length", Long.toString(length()));
    }
  }

  private static void field(ByteBuf out, String name, String value) {
    ByteBufUtil.writeAscii(out, name);
    out.writeByte(':').writeByte(' ');
    ByteBufUtil.writeUtf8(out, value);
    out.writeByte('\r').writeByte('\n');
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 201 -> "Created";
      case 202 -> "Accepted";
      case 204 -> "No Content";
      case 206 -> "Partial Content";
      case 301 -> "Moved Permanently";
      case 302 -> "Found";
      case 303 -> "See Other";
      case 304 -> "Not Modified";
      case 307 -> "Temporary Redirect";
      case 308 -> "Permanent Redirect";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 406 -> "Not Acceptable";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 411 -> "Length Required";
      case 412 -> "Precondition Failed";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 416 -> "Range Not Satisfiable";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 505 -> "HTTP Version Not Supported";
      case 507 -> "Insufficient Storage";
      default -> "Status";
    };
  }
}
