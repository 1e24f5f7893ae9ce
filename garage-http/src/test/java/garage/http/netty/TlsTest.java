package garage.http.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.system.SystemRandom;
import garage.common.env.system.SystemTasks;
import garage.common.error.GarageException;
import garage.http.Certificates;
import garage.http.Headers;
import garage.http.HttpHandler;
import garage.http.HttpResponse;
import garage.http.HttpServerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTPS, and a certificate that is exchanged while connections are open. */
final class TlsTest {
  private static final int MIB = 1 << 20;
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  private final AtomicReference<Certificates.Pem> present = new AtomicReference<>(pem("first"));

  private static byte[] file(String name) {
    try (InputStream in = TlsTest.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Certificates.Pem pem(String name) {
    return new Certificates.Pem(file(name + ".pem"), file(name + ".key"));
  }

  private NettyHttpServer start(HttpHandler handler) {
    HttpServerSettings settings =
        HttpServerSettings.at(new Address("127.0.0.1", 0)).withCertificates(present::get);
    return NettyHttpServer.start(
        settings, handler, ServerFixture.CLOCK, new SystemTasks(), new SystemRandom());
  }

  /** A client that trusts both certificates and nothing else. */
  private static SSLSocket connect(NettyHttpServer server) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    for (String name : new String[] {"first", "second"}) {
      try (InputStream in = TlsTest.class.getResourceAsStream(name + ".pem")) {
        trusted.setCertificateEntry(name, factory.generateCertificate(in));
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return (SSLSocket)
        context
            .getSocketFactory()
            .createSocket(InetAddress.getLoopbackAddress(), server.address().port());
  }

  private static void send(SSLSocket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  private static String reply(SSLSocket socket) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      int b = socket.getInputStream().read();
      if (b < 0) {
        throw new IOException("ended after " + text);
      }
      text.append((char) b);
    }
    int at = text.indexOf("Content-Length: ") + "Content-Length: ".length();
    int length = Integer.parseInt(text.substring(at, text.indexOf("\r", at)));
    byte[] body = socket.getInputStream().readNBytes(length);
    return text.substring(9, 12) + " " + new String(body, StandardCharsets.ISO_8859_1);
  }

  private static String subject(SSLSocket socket) throws IOException {
    Certificate[] chain = socket.getSession().getPeerCertificates();
    return ((X509Certificate) chain[0]).getSubjectX500Principal().getName();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16_384, 300_000, 5 * MIB})
  void bodiesGoBothWays(int length) throws Exception {
    HttpHandler echo =
        r ->
            HttpResponse.bytes(
                200, Headers.EMPTY, Objects.requireNonNull(r.body().readAll(100 * MIB)));
    try (var server = start(echo);
        SSLSocket client = connect(server)) {
      for (int round = 0; round < 3; round++) {
        String body = "x".repeat(length);
        String head = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n";
        send(client, (head + body).getBytes(StandardCharsets.US_ASCII));
        assertEquals("200 " + body, reply(client));
      }
    }
  }

  @Test
  void handlerKnowsThatTheRequestCameThroughTls() throws Exception {
    try (var server = start(r -> HttpResponse.text(200, "secure " + r.peer().secure()));
        SSLSocket client = connect(server)) {
      send(client, GET.getBytes(StandardCharsets.US_ASCII));
      assertEquals("200 secure true", reply(client));
    }
  }

  @Test
  void newCertificateIsForNewConnectionsAndOpenOnesGoOn() throws Exception {
    byte[] get = GET.getBytes(StandardCharsets.US_ASCII);
    try (var server = start(r -> HttpResponse.text(200, "ok"));
        SSLSocket before = connect(server)) {
      send(before, get);
      assertEquals("200 ok", reply(before));
      assertEquals("CN=first", subject(before));
      present.set(pem("second"));
      try (SSLSocket after = connect(server)) {
        send(after, get);
        assertEquals("200 ok", reply(after));
        assertEquals("CN=second", subject(after));
      }
      send(before, get);
      assertEquals("200 ok", reply(before));
      present.set(new Certificates.Pem(file("first.pem"), new byte[] {'?'}));
      try (SSLSocket kept = connect(server)) {
        send(kept, get);
        assertEquals("200 ok", reply(kept));
        assertEquals("CN=second", subject(kept));
      }
    }
  }

  @Test
  void uselessCertificateIsOneClearLineAtTheStart() {
    present.set(new Certificates.Pem(new byte[0], new byte[0]));
    GarageException e =
        assertThrows(
            GarageException.InvalidInput.class, () -> start(r -> HttpResponse.text(200, "ok")));
    assertTrue(String.valueOf(e.getMessage()).contains("TLS certificate"), e.getMessage());
  }

  @Test
  void plainHttpIsNotServedWhereTlsIsSpoken() throws IOException {
    try (var server = start(r -> HttpResponse.text(200, "ok"));
        var client = new RawClient(server.address())) {
      client.send(GET);
      assertThrows(IOException.class, client::read);
    }
  }

  @Test
  void responseThatFailsIsCutWithoutTheEndThatTlsHasForWholeOnes() throws Exception {
    HttpHandler handler =
        r ->
            HttpResponse.streamed(
                200,
                Headers.EMPTY,
                -1,
                sink -> {
                  sink.write(new byte[100_000], 0, 100_000);
                  sink.flush();
                  throw new IllegalStateException("the disk died");
                });
    try (var server = start(handler);
        SSLSocket client = connect(server)) {
      send(client, "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThrows(IOException.class, () -> client.getInputStream().readAllBytes());
    }
  }
}
