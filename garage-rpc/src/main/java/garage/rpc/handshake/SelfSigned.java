package garage.rpc.handshake;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates, which the JDK alone cannot. Loaded at a node's first start only. */
final class SelfSigned {
  private static final X500Name NAME = new X500Name("CN=garage");

  /** No clock is asked: the certificate is older than any, and does not expire. */
  private static final Date FROM = Date.from(Instant.parse("2000-01-01T00:00:00Z"));

  /** RFC 5280, 4.1.2.5: the date for certificates without an end. */
  private static final Date TO = Date.from(Instant.parse("9999-12-31T23:59:59Z"));

  private static final int SERIAL_BYTES = 16;

  private SelfSigned() {}

  /** The encoded certificate of {@code pair}; its serial number is taken from the key's hash. */
  static byte[] certificate(KeyPair pair, String signatureAlgorithm) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(pair.getPublic().getEncoded());
      BigInteger serial = new BigInteger(1, Arrays.copyOf(digest, SERIAL_BYTES));
      return new JcaX509v3CertificateBuilder(NAME, serial, FROM, TO, NAME, pair.getPublic())
          .build(new JcaContentSignerBuilder(signatureAlgorithm).build(pair.getPrivate()))
          .getEncoded();
    } catch (OperatorCreationException | IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("a certificate over a fresh key", e);
    }
  }
}
