package garage.http.netty;

import static garage.http.netty.ProtocolException.malformed;

import garage.http.Headers;
import garage.http.HttpServerSettings;
import garage.http.ProtocolError.Kind;
import garage.http.RequestTarget;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads request heads, strictly: whatever two HTTP implementations are known to read differently is
 * refused, since a proxy in front of this server might be the other one (request smuggling). So
 * lines end in CRLF only, no folded lines, no blanks before a colon, one Host, at most one
 * Content-Length, no Content-Length beside Transfer-Encoding, and no transfer coding but chunked.
 *
 * <p>Values are UTF-8 where they are valid UTF-8, else ISO 8859-1. One parser serves a connection's
 * requests one after the other, on its event loop.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112, HTTP/1.1</a>
 */
final class HeadParser {
  private static final int METHOD_LENGTH_MAX = 32;
  private static final int LENGTH_DIGITS_MAX = 18;

  private final HttpServerSettings.Limits limits;

  /** Bytes of the present head that were looked at and do not hold its end. */
  private int scanned;

  private int lineLength;
  private boolean firstLineEnded;

  HeadParser(HttpServerSettings.Limits limits) {
    this.limits = limits;
  }

  /**
   * Takes one head out of {@code in}; null if its end is not there yet, and then {@code in} must be
   * passed again with more bytes behind.
   *
   * @throws ProtocolException if the connection must not go on
   */
  @Nullable RequestHead parse(ByteBuf in) {
    int length = find(in);
    if (length < 0) {
      return null;
    }
    byte[] head = new byte[length];
    in.readBytes(head);
    scanned = 0;
    lineLength = 0;
    firstLineEnded = false;
    return read(head);
  }

  /** The length of the head including its empty line, or -1 if it is not complete. */
  private int find(ByteBuf in) {
    while (scanned < in.readableBytes()) {
      int start = in.readerIndex();
      int feed = in.indexOf(start + scanned, in.writerIndex(), (byte) '\n');
      int end = (feed < 0 ? in.writerIndex() : feed + 1) - start;
      lineLength += end - scanned;
      scanned = end;
      checkLimits();
      if (feed < 0) {
        break;
      }
      if (lineLength < 2 || in.getByte(feed - 1) != '\r') {
        throw malformed("A line does not end in CRLF.");
      }
      if (lineLength == 2 && firstLineEnded) {
        return end;
      }
      if (lineLength == 2) {
        in.skipBytes(end); // some clients end a body with a line break too many (RFC 9112 §2.2)
        scanned = 0;
      } else {
        firstLineEnded = true;
      }
      lineLength = 0;
    }
    return -1;
  }

  private void checkLimits() {
    if (!firstLineEnded && lineLength > limits.requestLineBytesMax()) {
      throw new ProtocolException(
          Kind.TARGET_TOO_LONG,
          "The request line exceeds " + limits.requestLineBytesMax() + " bytes.");
    }
    if (scanned > limits.headBytesMax()) {
      throw new ProtocolException(
          Kind.HEAD_TOO_LARGE,
          "Your request header section exceeds the maximum allowed size of "
              + limits.headBytesMax()
              + " bytes.");
    }
  }

  private RequestHead read(byte[] head) {
    int lineEnd = lineEnd(head, 0);
    String line = new String(head, 0, lineEnd, StandardCharsets.ISO_8859_1);
    int first = line.indexOf(' ');
    int last = line.lastIndexOf(' ');
    if (first < 0 || first == last || line.indexOf(' ', first + 1) != last) {
      throw malformed("The request line is not a method, a target and a version.");
    }
    String method = line.substring(0, first);
    if (method.length() > METHOD_LENGTH_MAX || !Headers.isToken(method)) {
      throw malformed("The method is not a token.");
    }
    boolean http11 = isHttp11(line.substring(last + 1));
    String rawTarget = line.substring(first + 1, last);
    Headers headers = fields(head, lineEnd + 2);
    checkHost(headers, http11);
    long contentLength = contentLength(headers, http11);
    return new RequestHead(
        method,
        target(rawTarget),
        headers,
        http11,
        http11 && !hasToken(headers, "connection", "close"),
        contentLength,
        http11 && expectsContinue(headers) && contentLength != 0);
  }

  private static boolean isHttp11(String version) {
    if (version.equals("HTTP/1.1")) {
      return true;
    }
    if (version.equals("HTTP/1.0")) {
      return false;
    }
    if (version.length() == 8 && version.startsWith("HTTP/")) {
      throw new ProtocolException(Kind.VERSION_UNKNOWN, "Only HTTP/1.1 is spoken here.");
    }
    throw malformed("The request line does not end in an HTTP version.");
  }

  private static RequestTarget target(String raw) {
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) <= ' ' || raw.charAt(i) > '~') {
        throw malformed("The request target holds a byte that must be encoded.");
      }
    }
    RequestTarget target = RequestTarget.parse(raw);
    if (target == null) {
      throw new ProtocolException(Kind.BAD_TARGET, "Couldn't parse the specified URI.");
    }
    return target;
  }

  private Headers fields(byte[] head, int from) {
    Headers.Builder fields = Headers.builder();
    int count = 0;
    for (int at = from; head[at] != '\r'; ) {
      if (++count > limits.fieldsMax()) {
        throw new ProtocolException(
            Kind.HEAD_TOO_LARGE, "There are more than " + limits.fieldsMax() + " header fields.");
      }
      int end = lineEnd(head, at);
      int colon = at;
      while (colon < end && head[colon] != ':') {
        colon++;
      }
      // A folded line starts with a blank, which no token holds.
      String name = new String(head, at, colon - at, StandardCharsets.ISO_8859_1);
      if (colon == end || !fields.addIfValid(name, value(head, colon + 1, end))) {
        throw malformed(
            colon == end || !Headers.isToken(name)
                ? "A header line is not a name, a colon and a value."
                : "A header value holds a control character.");
      }
      at = end + 2;
    }
    return fields.build();
  }

  private static int lineEnd(byte[] head, int from) {
    int end = from;
    while (head[end] != '\n') {
      end++;
    }
    return end - 1;
  }

  private static String value(byte[] head, int from, int to) {
    int start = from;
    int end = to;
    while (start < end && (head[start] == ' ' || head[start] == '\t')) {
      start++;
    }
    while (end > start && (head[end - 1] == ' ' || head[end - 1] == '\t')) {
      end--;
    }
    for (int i = start; i < end; i++) {
      if (head[i] < 0) {
        return foreign(head, start, end);
      }
    }
    return new String(head, start, end - start, StandardCharsets.ISO_8859_1);
  }

  private static String foreign(byte[] head, int from, int to) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(head, from, to - from))
          .toString();
    } catch (CharacterCodingException e) {
      return new String(head, from, to - from, StandardCharsets.ISO_8859_1);
    }
  }

  private static void checkHost(Headers headers, boolean http11) {
    List<String> hosts = headers.all("host");
    if (hosts.size() > 1 || (http11 && hosts.isEmpty())) {
      throw malformed("There must be exactly one Host header.");
    }
    if (!hosts.isEmpty() && !isHost(hosts.getFirst())) {
      throw malformed("The Host header is not a host.");
    }
  }

  private static boolean isHost(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c > '~' || "/\\?#@,".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static long contentLength(Headers headers, boolean http11) {
    List<String> lengths = headers.all("content-length");
    List<String> codings = headers.all("transfer-encoding");
    if (codings.isEmpty()) {
      return lengths.isEmpty() ? 0 : length(lengths);
    }
    if (!lengths.isEmpty() || codings.size() > 1 || !http11) {
      throw malformed("Transfer-Encoding stands beside what contradicts it.");
    }
    if (!codings.getFirst().equalsIgnoreCase("chunked")) {
      throw new ProtocolException(
          Kind.TRANSFER_CODING_UNKNOWN, "The only transfer coding understood is chunked.");
    }
    return RequestHead.CHUNKED;
  }

  private static long length(List<String> lengths) {
    String digits = lengths.getFirst();
    if (lengths.size() > 1
        || digits.isEmpty()
        || digits.length() > LENGTH_DIGITS_MAX
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw malformed("Content-Length is not one number.");
    }
    return Long.parseLong(digits);
  }

  /** Other expectations are ignored, as RFC 9110 allows and AWS does; some clients send none. */
  private static boolean expectsContinue(Headers headers) {
    String expectation = headers.first("expect");
    return expectation != null && expectation.equalsIgnoreCase("100-continue");
  }

  private static boolean hasToken(Headers headers, String name, String token) {
    for (String value : headers.all(name)) {
      for (String part : value.split(",", -1)) {
        if (part.trim().equalsIgnoreCase(token)) {
          return true;
        }
      }
    }
    return false;
  }
}
