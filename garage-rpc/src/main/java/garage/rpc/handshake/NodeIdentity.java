package garage.rpc.handshake;

import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;

/**
 * A node's key pair, and the self-signed certificate that carries the public key through TLS. ECDSA
 * over P-256, because both TLS engines speak it; the certificate says nothing but the key, and is
 * valid for ever: trust comes from the id and the cluster's secret.
 *
 * <p>Both are kept in the metadata directory, the private key as unencrypted PKCS#8. The {@link
 * Disk} seam has no file modes: that only the owner may read the file is the care of the disk given
 * here. The certificate is written first and the key last, so that a crash in between leaves a node
 * without a key, which makes a new pair at its next start.
 */
public record NodeIdentity(NodeId id, PrivateKey privateKey, X509Certificate certificate) {
  /** The private key's file. */
  public static final String KEY_FILE = "node_key";

  /** The certificate's file. */
  public static final String CERTIFICATE_FILE = "node_key.crt";

  private static final String CURVE = "secp256r1";
  private static final int FIELD_BITS = 256;
  private static final String SIGNATURE = "SHA256withECDSA";

  /** Whether a node has been started with this metadata directory. */
  public static boolean isPresent(Disk metadata) {
    return metadata.exists(KEY_FILE);
  }

  /** Reads the id alone. Cheap: for the command line. */
  public static NodeId readId(Disk metadata) {
    return idOf(decodeCertificate(metadata.readAll(CERTIFICATE_FILE)).getPublicKey());
  }

  /**
   * Reads the key pair, or makes it at the first start.
   *
   * @throws GarageException.Corrupt if the files do not belong together
   */
  public static NodeIdentity loadOrCreate(Disk metadata) {
    if (isPresent(metadata)) {
      return load(metadata);
    }
    NodeIdentity fresh = create();
    metadata.replace(CERTIFICATE_FILE, encoded(fresh.certificate));
    metadata.replace(KEY_FILE, fresh.privateKey.getEncoded());
    return fresh;
  }

  /** A fresh key pair that is kept nowhere. */
  public static NodeIdentity create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      KeyPair pair = generator.generateKeyPair();
      X509Certificate certificate = decodeCertificate(SelfSigned.certificate(pair, SIGNATURE));
      return new NodeIdentity(idOf(pair.getPublic()), pair.getPrivate(), certificate);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK makes keys over " + CURVE, e);
    }
  }

  /**
   * The id of the node that holds the private key of {@code key}.
   *
   * @throws GarageException.Denied if no node has a key of this kind
   */
  public static NodeId idOf(PublicKey key) {
    if (!(key instanceof ECPublicKey ec)
        || ec.getParams().getCurve().getField().getFieldSize() != FIELD_BITS) {
      throw new GarageException.Denied("a node's key is over P-256, not " + key.getAlgorithm());
    }
    try {
      return NodeId.of(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static NodeIdentity load(Disk metadata) {
    X509Certificate certificate = decodeCertificate(metadata.readAll(CERTIFICATE_FILE));
    try {
      PrivateKey key =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(metadata.readAll(KEY_FILE)));
      if (!belongTogether(key, certificate.getPublicKey())) {
        throw new GarageException.Corrupt(
            KEY_FILE + " and " + CERTIFICATE_FILE + " do not belong together");
      }
      return new NodeIdentity(idOf(certificate.getPublicKey()), key, certificate);
    } catch (InvalidKeySpecException e) {
      throw new GarageException.Corrupt(KEY_FILE + " is damaged", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK reads keys over " + CURVE, e);
    }
  }

  private static boolean belongTogether(PrivateKey key, PublicKey publicKey)
      throws GeneralSecurityException {
    Signature signature = Signature.getInstance(SIGNATURE);
    signature.initSign(key);
    signature.update(publicKey.getEncoded());
    byte[] signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(publicKey.getEncoded());
    return signature.verify(signed);
  }

  private static X509Certificate decodeCertificate(byte[] bytes) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(bytes));
    } catch (CertificateException e) {
      throw new GarageException.Corrupt(CERTIFICATE_FILE + " is damaged", e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate just made has a form", e);
    }
  }

  /** Shows the id alone. */
  @Override
  public String toString() {
    return "NodeIdentity[" + id + "]";
  }
}
