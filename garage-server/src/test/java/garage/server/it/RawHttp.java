package garage.server.it;

import garage.http.Headers;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.RequestSigner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/** Requests byte by byte, signed or not, as no library would send them. */
final class RawHttp {
  static final String UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
  static final String STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

  /** For a loaded machine. */
  private static final int PATIENCE_MILLIS = 60_000;

  private final int port;

  RawHttp(int port) {
    this.port = port;
  }

  /** A reply; status 0 if the connection ended without one. */
  record Reply(int status, String head, String body) {
    /** The error code in its body, or an empty text. */
    String code() {
      int from = body.indexOf("<Code>");
      return from < 0 ? "" : body.substring(from + 6, body.indexOf("</Code>"));
    }

    private static Reply parse(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        return new Reply(0, text, "");
      }
      return new Reply(
          Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4));
    }
  }

  /** Signs a request that ends its connection. */
  RequestSigner.Signed sign(
      String method, String target, Headers headers, String payload, Instant time) {
    RequestSigner signer =
        new RequestSigner(
            new Credentials(ServerUnderTest.KEY_ID, ServerUnderTest.SECRET_KEY),
            NodeFiles.REGION,
            "s3");
    Headers all = headers.toBuilder().set("Host", "127.0.0.1:" + port).build();
    return signer.sign(new RequestSigner.Unsigned(method, target, all), payload, time);
  }

  /** Signs and sends a request with its body as it is. */
  Reply send(String method, String target, Headers headers, byte[] body) {
    Headers sized = headers.with("Content-Length", Integer.toString(body.length));
    Headers signed = sign(method, target, sized, sha256(body), Instant.now()).headers();
    return exchange(head(method, target, signed), body);
  }

  static byte[] head(String method, String target, Headers headers) {
    StringBuilder text = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    headers.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    return text.append("Connection: close\r\n\r\n")
        .toString()
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Sends all that, and reads until the server closes. */
  Reply exchange(byte[]... bytes) {
    return exchange(false, bytes);
  }

  /** Sends all that, says that no more comes, and reads until the server closes. */
  Reply sendAndEnd(byte[]... bytes) {
    return exchange(true, bytes);
  }

  private Reply exchange(boolean end, byte[]... bytes) {
    try (Socket socket = connect()) {
      try {
        OutputStream out = socket.getOutputStream();
        for (byte[] part : bytes) {
          out.write(part);
        }
        if (end) {
          socket.shutdownOutput();
        }
      } catch (IOException e) {
        // The server has cut the connection, perhaps after an answer.
      }
      return Reply.parse(readToEnd(socket.getInputStream()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Sends a start, then single bytes with a pause before each, until the server has enough. */
  Reply trickle(byte[] start, byte single, int pauseMillis) {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(start);
      socket.setSoTimeout(pauseMillis); // reading for so long is the pause
      for (int sent = 0; sent < PATIENCE_MILLIS / pauseMillis; sent++) {
        try {
          int first = socket.getInputStream().read();
          socket.setSoTimeout(PATIENCE_MILLIS);
          byte[] rest = first < 0 ? new byte[0] : readToEnd(socket.getInputStream());
          return Reply.parse(first < 0 ? rest : concat((byte) first, rest));
        } catch (SocketTimeoutException e) {
          socket.getOutputStream().write(single);
        }
      }
      throw new AssertionError("the server bears a slow client for ever");
    } catch (SocketTimeoutException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      return new Reply(0, e.toString(), ""); // cut
    }
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static byte[] concat(byte first, byte[] rest) {
    byte[] all = new byte[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  private static byte[] readToEnd(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        all.write(buffer, 0, n);
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      // reset after the answer: what came before counts
    }
    return all.toByteArray();
  }
}
