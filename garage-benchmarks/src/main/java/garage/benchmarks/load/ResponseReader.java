package garage.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Reads replies of HTTP/1.1 (RFC 9112) from one connection, as much as S3 servers use of it. */
final class ResponseReader {
  private static final int BUFFER_BYTES = 128 * 1024;
  private static final int HEAD_BYTES_MAX = 32 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int from;
  private int to;

  ResponseReader(InputStream in) {
    this.in = in;
  }

  /** Takes a reply's body piece by piece. */
  @FunctionalInterface
  interface Sink {
    /** A piece, {@code position} bytes after the body's start. */
    void accept(long position, byte[] bytes, int at, int count);
  }

  /** Reads a head; an interim reply (100 Continue) is passed over. */
  Response readHead() throws IOException {
    while (true) {
      Response response = parse(headText());
      if (response.status() >= 200) {
        return response;
      }
    }
  }

  /** Reads the body that follows a head; answers its length. */
  long readBody(Response response, Sink sink) throws IOException {
    if (response.contentLength() >= 0) {
      readExactly(0, response.contentLength(), sink);
      return response.contentLength();
    }
    long position = 0;
    while (true) {
      long chunk = Long.parseLong(line(), 16);
      if (chunk == 0) {
        while (!line().isEmpty()) {
          // a trailer field
        }
        return position;
      }
      readExactly(position, chunk, sink);
      position += chunk;
      line();
    }
  }

  private void readExactly(long position, long count, Sink sink) throws IOException {
    long done = 0;
    while (done < count) {
      if (from == to) {
        fill();
      }
      int n = (int) Math.min(to - from, count - done);
      sink.accept(position + done, buffer, from, n);
      from += n;
      done += n;
    }
  }

  private void fill() throws IOException {
    if (from == to) {
      from = 0;
      to = 0;
    } else if (to == buffer.length) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    }
    int n = in.read(buffer, to, buffer.length - to);
    if (n < 0) {
      throw new EOFException("the server closed the connection");
    }
    to += n;
  }

  /** The head's lines, without the empty one. */
  private String headText() throws IOException {
    int scanned = 0;
    while (true) {
      for (; from + scanned + 4 <= to; scanned++) {
        int i = from + scanned;
        if (buffer[i] == '\r'
            && buffer[i + 1] == '\n'
            && buffer[i + 2] == '\r'
            && buffer[i + 3] == '\n') {
          String text = new String(buffer, from, scanned + 2, StandardCharsets.ISO_8859_1);
          from = i + 4;
          return text;
        }
      }
      if (to - from > HEAD_BYTES_MAX) {
        throw new IOException("a reply's head is longer than " + HEAD_BYTES_MAX + " bytes");
      }
      fill();
    }
  }

  private String line() throws IOException {
    int scanned = 0;
    while (true) {
      for (; from + scanned + 2 <= to; scanned++) {
        if (buffer[from + scanned] == '\r' && buffer[from + scanned + 1] == '\n') {
          String text = new String(buffer, from, scanned, StandardCharsets.ISO_8859_1);
          from += scanned + 2;
          return text;
        }
      }
      fill();
    }
  }

  private static Response parse(String head) throws IOException {
    int lineEnd = head.indexOf("\r\n");
    if (!head.startsWith("HTTP/1.1 ") || lineEnd < 12) {
      throw new IOException("not a reply of HTTP/1.1: " + head);
    }
    int status = Integer.parseInt(head, 9, 12, 10);
    long length = 0;
    String etag = "";
    boolean closes = false;
    for (int at = lineEnd + 2; at < head.length(); ) {
      int end = head.indexOf("\r\n", at);
      int colon = head.indexOf(':', at);
      String name = head.substring(at, colon).toLowerCase(Locale.ROOT);
      switch (name) {
        case "content-length" -> length = Long.parseLong(head.substring(colon + 1, end).strip());
        case "transfer-encoding" -> length = -1;
        case "etag" -> etag = head.substring(colon + 1, end).strip();
        case "connection" -> closes = head.substring(colon + 1, end).contains("close");
        default -> {}
      }
      at = end + 2;
    }
    return new Response(status, length, etag, closes);
  }
}
