package garage.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.system.SystemClock;
import garage.common.error.GarageException;
import garage.server.discovery.DiscoverySettings.Tls;
import garage.server.discovery.WebClient.Reply;
import garage.server.discovery.WebClient.Request;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against servers on this machine, with and without TLS. */
class JdkWebClientTest {
  private static final String PASSWORD = "changeit";

  private final Clock clock = new SystemClock();

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  private static void echo(HttpExchange exchange) throws IOException {
    String said =
        "%s %s %s %s"
            .formatted(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                exchange.getRequestHeaders().getFirst("X-Word"),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    byte[] body = said.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(202, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private Reply ask(String scheme, HttpServer server, Tls tls) {
    String address = scheme + "://127.0.0.1:" + server.getAddress().getPort();
    return new JdkWebClient(address, tls, clock)
        .send(
            new Request("PUT", "/a?b=c", Map.of("X-Word", "w"), "{}"),
            Deadline.after(clock, Duration.ofSeconds(30)));
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Test
  void requestArrivesWholeAndTheReplyComesBack() throws IOException {
    HttpServer server = HttpServer.create(anyPort(), 0);
    server.createContext("/", JdkWebClientTest::echo);
    server.start();
    try {
      assertEquals(new Reply(202, "PUT /a?b=c w {}"), ask("http", server, Tls.DEFAULT));
    } finally {
      server.stop(0);
    }
    assertThrows(GarageException.Unreachable.class, () -> ask("http", server, Tls.DEFAULT));
  }

  @Test
  void tlsTrustsWhatItIsToldAndShowsWhoItIs() throws Exception {
    Path store = keyPair();
    Path certificate = pem("CERTIFICATE", key(store).certificate());
    Path key = pem("PRIVATE KEY", key(store).encoded());
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(mutual(store));
    server.createContext("/", JdkWebClientTest::echo);
    server.start();
    try {
      String file = certificate.toString();
      Tls trusting = new Tls(file, file, key.toString(), false);
      assertEquals(202, ask("https", server, trusting).status());
      assertEquals(202, ask("https", server, new Tls(null, file, key.toString(), true)).status());
      fails(server, new Tls(null, file, key.toString(), false)); // trusts others only
      fails(server, new Tls(file, null, null, false)); // does not say who it is
    } finally {
      server.stop(0);
    }
  }

  private void fails(HttpServer server, Tls tls) {
    assertThrows(GarageException.Unreachable.class, () -> ask("https", server, tls));
  }

  @Test
  void keyOfAnotherFormIsRefusedWithTheCommandThatConvertsIt() throws IOException {
    Path key = directory.resolve("old.pem");
    Files.writeString(
        key, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    Path store = keyPair();
    String certificate = pem("CERTIFICATE", key(store).certificate()).toString();
    GarageException refused =
        assertThrows(
            GarageException.InvalidInput.class,
            () -> PemTls.context(new Tls(null, certificate, key.toString(), false)));
    assertTrue(String.valueOf(refused.getMessage()).contains("openssl pkcs8"));
  }

  /** A key and a certificate for 127.0.0.1, made by the JDK's own tool. */
  private Path keyPair() {
    Path store = directory.resolve("store.p12");
    try {
      Process process =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                      "-genkeypair",
                      "-keyalg",
                      "EC",
                      "-alias",
                      "k",
                      "-dname",
                      "CN=test",
                      "-ext",
                      "san=ip:127.0.0.1",
                      "-storepass",
                      PASSWORD,
                      "-keystore",
                      store.toString()))
              .inheritIO()
              .start();
      assertEquals(0, process.waitFor());
      return store;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private record Key(byte[] certificate, byte[] encoded) {}

  private static Key key(Path file) {
    try {
      KeyStore store = load(file);
      return new Key(
          store.getCertificate("k").getEncoded(),
          store.getKey("k", PASSWORD.toCharArray()).getEncoded());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static KeyStore load(Path file) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  private Path pem(String what, byte[] der) throws IOException {
    Path file = directory.resolve(what.replace(' ', '-') + ".pem");
    return Files.writeString(
        file,
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(what, Base64.getMimeEncoder().encodeToString(der), what));
  }

  /** A server that wants to know its clients, and trusts the one certificate there is. */
  private static HttpsConfigurator mutual(Path file) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(load(file), PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("k", load(file).getCertificate("k"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return new HttpsConfigurator(context) {
      @Override
      public void configure(HttpsParameters parameters) {
        SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
        wanted.setNeedClientAuth(true);
        parameters.setSSLParameters(wanted);
      }
    };
  }
}
