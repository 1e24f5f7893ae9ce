package garage.benchmarks.load;

import garage.common.hash.Digests;
import garage.http.sigv4.Credentials;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One kept-alive connection with the requests on it, one at a time. Sends what a client of Python
 * sends over plain HTTP: the signed hash of the body, and its CRC32. Opened when first used, and
 * again after a failure. For one thread; only {@link #close} may come from another.
 */
final class Connection implements AutoCloseable {
  private static final int CONNECT_MILLIS_MAX = 10_000;
  private static final int SLICE_BYTES = 64 * 1024;
  private static final int HEAD_BYTES_MAX = 4 * 1024;
  private static final int ERROR_TEXT_MAX = 300;

  private final Target target;
  private final Signer signer;
  private final byte[] staging = new byte[SLICE_BYTES + HEAD_BYTES_MAX];
  private final StringBuilder head = new StringBuilder(1024);
  private volatile @Nullable Open open;

  /** Where the server is, and as whom to speak to it. */
  record Target(String host, int port, String region, Credentials credentials) {}

  /** A socket and the reader of its replies. */
  private record Open(Socket socket, OutputStream out, ResponseReader in) {}

  Connection(Target target) {
    this.target = target;
    this.signer = new Signer(target.credentials(), target.region(), host(target));
  }

  private static String host(Target target) {
    return target.host() + ":" + target.port();
  }

  /** A request without a body; the reply's body goes to {@code sink}. */
  Response exchange(Request request, ResponseReader.Sink sink) throws IOException {
    return exchange(request, new byte[0], sink);
  }

  /** A request with a small body. */
  Response exchange(Request request, byte[] body, ResponseReader.Sink sink) throws IOException {
    String hash = body.length == 0 ? Signer.EMPTY_HASH : Digests.sha256(body).toString();
    try {
      Open now = connect();
      int length = stageHead(request, hash, body.length);
      System.arraycopy(body, 0, staging, length, body.length);
      now.out().write(staging, 0, length + body.length);
      return receive(now, request, sink);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Uploads an object or a part. */
  Response upload(Request request, Body body, Content.Sums sums) throws IOException {
    Request checked = request.with("x-amz-checksum-crc32", sums.crc32());
    try {
      Open now = connect();
      int length = stageHead(checked, sums.sha256(), body.length());
      send(now.out(), length, body);
      return receive(now, request, (position, bytes, at, count) -> {});
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private int stageHead(Request request, String contentHash, int contentLength) {
    head.setLength(0);
    head.append(request.method()).append(' ').append(request.path());
    if (!request.query().isEmpty()) {
      head.append('?').append(request.query());
    }
    head.append(" HTTP/1.1\r\n");
    List<Signer.Field> fields = request.fields();
    signer.appendHead(head, request, fields, contentHash, Instant.now());
    head.append("User-Agent: garage-bench/1 md/Botocore#1.40.0 ua/2.1 lang/python#3.13.0\r\n");
    head.append("Accept-Encoding: identity\r\n");
    head.append("amz-sdk-invocation-id: 3c7f4c53-7b8c-4f22-9f0e-6f4f7f4d3c11\r\n");
    head.append("amz-sdk-request: attempt=1\r\n");
    if (contentLength > 0 || request.method().equals("PUT") || request.method().equals("POST")) {
      head.append("Content-Length: ").append(contentLength).append("\r\n");
    }
    head.append("\r\n");
    byte[] bytes = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, staging, 0, bytes.length);
    return bytes.length;
  }

  /** The first slice leaves with the head, so that a small request is one packet. */
  private void send(OutputStream out, int headLength, Body body) throws IOException {
    int first = Math.min(SLICE_BYTES, body.length());
    body.copy(0, staging, headLength, first);
    out.write(staging, 0, headLength + first);
    for (int at = first; at < body.length(); at += SLICE_BYTES) {
      int n = Math.min(SLICE_BYTES, body.length() - at);
      if (body.isStamped(at, n)) {
        body.copy(at, staging, 0, n);
        out.write(staging, 0, n);
      } else {
        out.write(body.common(), at, n);
      }
    }
  }

  private Response receive(Open now, Request request, ResponseReader.Sink sink) throws IOException {
    Response response = now.in().readHead();
    if (request.method().equals("HEAD")) {
      refuse(request, response, "");
    } else if (response.ok()) {
      now.in().readBody(response, sink);
    } else {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      now.in().readBody(response, (position, bytes, at, count) -> text.write(bytes, at, count));
      refuse(request, response, text.toString(StandardCharsets.UTF_8));
    }
    if (response.closes()) {
      close();
    }
    return response;
  }

  private void refuse(Request request, Response response, String text) {
    if (response.closes()) {
      close();
    }
    if (!response.ok()) {
      String shown = text.substring(0, Math.min(text.length(), ERROR_TEXT_MAX));
      throw new RequestFailed(request + ": " + response.status() + " " + shown);
    }
  }

  private Open connect() throws IOException {
    Open now = open;
    if (now != null) {
      return now;
    }
    Socket socket = new Socket();
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.connect(new InetSocketAddress(target.host(), target.port()), CONNECT_MILLIS_MAX);
    now = new Open(socket, socket.getOutputStream(), new ResponseReader(socket.getInputStream()));
    open = now;
    return now;
  }

  /** Closes the socket; a request under way fails. */
  @Override
  public void close() {
    Open now = open;
    open = null;
    if (now != null) {
      try {
        now.socket().close();
      } catch (IOException e) {
        // it is of no use any more
      }
    }
  }
}
