package garage.server.process;

import garage.common.error.GarageException;
import garage.server.discovery.DiscoverySettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The TLS of a client, from files in PEM. */
final class PemTls {
  private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String KEY_END = "-----END PRIVATE KEY-----";
  private static final List<String> KEY_TYPES = List.of("RSA", "EC", "Ed25519");

  private PemTls() {}

  static SSLContext context(DiscoverySettings.Tls tls) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(tls), trust(tls), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new GarageException.InvalidInput("the TLS files of discovery cannot be used: " + e);
    }
  }

  private static KeyManager @Nullable [] keys(DiscoverySettings.Tls tls)
      throws GeneralSecurityException, IOException {
    if (tls.clientCertificate() == null || tls.clientKey() == null) {
      return null;
    }
    Certificate[] chain = certificates(tls.clientCertificate()).toArray(Certificate[]::new);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("client", key(tls.clientKey()), new char[0], chain);
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static TrustManager @Nullable [] trust(DiscoverySettings.Tls tls)
      throws GeneralSecurityException, IOException {
    if (tls.skipVerify()) {
      return new TrustManager[] {new Anyone()};
    }
    if (tls.caCertificate() == null) {
      return null;
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int number = 0;
    for (Certificate certificate : certificates(tls.caCertificate())) {
      store.setCertificateEntry("ca" + number++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static Collection<? extends Certificate> certificates(String file)
      throws GeneralSecurityException, IOException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(Path.of(file))));
  }

  private static PrivateKey key(String file) throws GeneralSecurityException, IOException {
    String text = Files.readString(Path.of(file), StandardCharsets.US_ASCII);
    int begin = text.indexOf(KEY_BEGIN);
    int end = text.indexOf(KEY_END);
    if (begin < 0 || end < begin) {
      throw new GarageException.InvalidInput(
          file + " holds no key in PKCS#8; convert it: openssl pkcs8 -topk8 -nocrypt -in " + file);
    }
    byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + KEY_BEGIN.length(), end));
    for (String type : KEY_TYPES) {
      try {
        return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // a key of the next type, then
      }
    }
    throw new InvalidKeySpecException(file + " holds no RSA, EC or Ed25519 key");
  }

  /** Trusts whoever answers; an extended one, so that names are not compared either. */
  private static final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
