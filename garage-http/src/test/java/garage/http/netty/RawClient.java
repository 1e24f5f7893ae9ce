package garage.http.netty;

import garage.common.env.Address;
import garage.http.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;

/** A client that sends just the bytes it is given, and reads responses as strictly as it can. */
final class RawClient implements AutoCloseable {
  /** Only to end a test that would hang; no test waits for it. */
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;

  /** A response; {@code body} is decoded. */
  record Response(int status, Headers headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.ISO_8859_1);
    }
  }

  RawClient(Address server) throws IOException {
    this(server, 0);
  }

  /** {@code receiveBufferBytes} bounds what the kernel takes for a client that does not read. */
  RawClient(Address server, int receiveBufferBytes) throws IOException {
    socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    if (receiveBufferBytes > 0) {
      socket.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    in = socket.getInputStream();
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** For a task that sends while the test goes on; a connection that ends, ends it too. */
  void sendQuietly(byte[] bytes) {
    try {
      send(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #closeOutput}, for a task that goes on while the test does. */
  void endQuietly() {
    try {
      closeOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void closeOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends the connection so that the server is told at once that nobody is there. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Reads one response to a request that was not a HEAD. */
  Response read() throws IOException {
    return read(true);
  }

  Response read(boolean withBody) throws IOException {
    String status = line();
    Headers.Builder headers = Headers.builder();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.add(line.substring(0, colon), line.substring(colon + 1).trim());
    }
    Headers built = headers.build();
    int code = Integer.parseInt(status.substring(9, 12));
    boolean bodiless = !withBody || code == 100 || code == 204 || code == 304;
    return new Response(code, built, bodiless ? new byte[0] : body(built));
  }

  private byte[] body(Headers headers) throws IOException {
    String length = headers.first("content-length");
    if (length != null) {
      return exactly(Integer.parseInt(length));
    }
    if (!"chunked".equals(headers.first("transfer-encoding"))) {
      return in.readAllBytes();
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(), 16);
      body.write(exactly(size));
      if (!line().isEmpty()) {
        throw new IOException("no CRLF behind a chunk");
      }
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("cut after " + bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  /** Whether the server has ended the connection, after reading what it still sent. */
  boolean isEnded() {
    try {
      return in.readAllBytes().length == 0;
    } catch (IOException e) {
      return true; // reset
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("ended after '" + line + "'");
      }
      line.append((char) b);
    }
    if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
      throw new IOException("a bare line feed after '" + line + "'");
    }
    return line.substring(0, line.length() - 1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
