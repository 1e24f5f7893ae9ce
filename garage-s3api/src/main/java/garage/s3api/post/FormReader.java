package garage.s3api.post;

import garage.http.BodyStream;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parts of a form as they come, through a buffer of fixed size. Invariant: what is given
 * out is never part of a delimiter, which may be cut anywhere between two reads. For one task.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7578">RFC 7578</a>
 */
final class FormReader {
  private static final int BUFFER_BYTES = 32 * 1024;

  /** RFC 2046's limit on the boundary. */
  private static final int BOUNDARY_CHARS_MAX = 70;

  private final BodyStream in;
  private final byte[] delimiter;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int at;
  private int end;

  /** The head of a part; {@code fileName} is null if it has none. */
  record Part(String name, @Nullable String fileName) {}

  /** Begins to read; {@code contentType} is the request's. */
  FormReader(BodyStream in, @Nullable String contentType) {
    this.in = in;
    this.delimiter = ("\r\n--" + boundary(contentType)).getBytes(StandardCharsets.ISO_8859_1);
    // The first delimiter may stand at the very beginning, without a line end before it.
    buffer[0] = '\r';
    buffer[1] = '\n';
    end = 2;
  }

  private static String boundary(@Nullable String contentType) {
    String type = contentType == null ? "" : contentType;
    if (!type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
      throw S3ErrorCode.PRECONDITION_FAILED.because(
          "Bucket POST must be of the enclosure-type multipart/form-data");
    }
    String boundary = parameter(type, "boundary");
    if (boundary == null || boundary.isEmpty() || boundary.length() > BOUNDARY_CHARS_MAX) {
      throw malformed();
    }
    return boundary;
  }

  /**
   * The next part, once the one before was read to its end; null if it was the last.
   *
   * @param bytesMax what its head may take
   */
  @Nullable Part next(int bytesMax) {
    while (drop() >= 0) {
      // what stands before the first part
    }
    at += delimiter.length;
    String rest = line(bytesMax);
    if (rest.startsWith("--")) {
      return null;
    }
    if (!rest.isBlank()) {
      throw malformed();
    }
    String disposition = null;
    int left = bytesMax;
    for (String line = line(left); !line.isEmpty(); line = line(left)) {
      left -= line.length() + 2;
      if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")) {
        disposition = line.substring(line.indexOf(':') + 1);
      }
    }
    String name = disposition == null ? null : parameter(disposition, "name");
    if (disposition == null || name == null) {
      throw malformed();
    }
    return new Part(name, parameter(disposition, "filename"));
  }

  /** Reads some bytes of the present part; -1 at its end. */
  int read(byte[] into, int offset, int length) {
    int n = Math.min(length, ready());
    if (n <= 0) {
      return n == 0 && length == 0 ? 0 : -1;
    }
    System.arraycopy(buffer, at, into, offset, n);
    at += n;
    return n;
  }

  /** Drops some bytes of the present part; -1 at its end. */
  private int drop() {
    int n = ready();
    at += Math.max(n, 0);
    return n == 0 ? -1 : n;
  }

  /** How many bytes of the present part are in the buffer; 0 at its end. */
  private int ready() {
    while (true) {
      int found = indexOf();
      if (found >= 0) {
        return found - at;
      }
      int sure = end - at - (delimiter.length - 1);
      if (sure > 0) {
        return sure;
      }
      fill();
    }
  }

  private int indexOf() {
    for (int i = at; i + delimiter.length <= end; i++) {
      if (buffer[i] == '\r' && matches(i)) {
        return i;
      }
    }
    return -1;
  }

  private boolean matches(int from) {
    for (int i = 0; i < delimiter.length; i++) {
      if (buffer[from + i] != delimiter[i]) {
        return false;
      }
    }
    return true;
  }

  private void fill() {
    if (at > 0) {
      System.arraycopy(buffer, at, buffer, 0, end - at);
      end -= at;
      at = 0;
    }
    int n = in.read(buffer, end, buffer.length - end);
    if (n < 0) {
      throw malformed();
    }
    end += n;
  }

  /** A line without its end; a form's lines are in UTF-8. */
  private String line(int bytesMax) {
    int from = 0;
    while (true) {
      for (int i = at + from; i + 1 < end; i++) {
        if (buffer[i] == '\r' && buffer[i + 1] == '\n') {
          String line = new String(buffer, at, i - at, StandardCharsets.UTF_8);
          at = i + 2;
          return line;
        }
      }
      from = Math.max(0, end - at - 1);
      if (from > bytesMax || from >= buffer.length - 2) {
        throw S3ErrorCode.MAX_POST_PRE_DATA_LENGTH_EXCEEDED.exception();
      }
      fill();
    }
  }

  /** A parameter of a header's value, quoted or not. */
  private static @Nullable String parameter(String value, String name) {
    int at = 0;
    while (true) {
      int semicolon = value.indexOf(';', at);
      if (semicolon < 0) {
        return null;
      }
      int equals = value.indexOf('=', semicolon);
      if (equals < 0) {
        return null;
      }
      String found = value.substring(semicolon + 1, equals).strip();
      int start = equals + 1;
      boolean quoted = start < value.length() && value.charAt(start) == '"';
      int close = quoted ? value.indexOf('"', start + 1) : value.indexOf(';', start);
      int stop = close < 0 ? value.length() : close;
      if (found.equalsIgnoreCase(name)) {
        return quoted ? value.substring(start + 1, stop) : value.substring(start, stop).strip();
      }
      at = quoted ? Math.min(stop + 1, value.length()) : stop;
    }
  }

  static S3Exception malformed() {
    return S3ErrorCode.MALFORMED_POST_REQUEST.exception();
  }
}
