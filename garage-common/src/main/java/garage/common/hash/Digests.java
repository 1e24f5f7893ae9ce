package garage.common.hash;

import garage.common.id.Hash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The JDK's message digests, which every Java platform must have. */
public final class Digests {
  // Never changed: only copies are handed out, which takes a tenth of asking the platform for one.
  private static final MessageDigest SHA256 = digest("SHA-256");
  private static final MessageDigest MD5 = digest("MD5");

  private Digests() {}

  /** A fresh SHA-256, the hash of content addresses and signatures. */
  public static MessageDigest sha256() {
    return copy(SHA256);
  }

  /** A fresh SHA-1, for checksums clients ask for. */
  public static MessageDigest sha1() {
    return digest("SHA-1");
  }

  /** A fresh MD5, for ETags and Content-MD5. */
  public static MessageDigest md5() {
    return copy(MD5);
  }

  /** The SHA-256 of {@code bytes}. */
  public static Hash sha256(byte[] bytes) {
    return Hash.of(sha256().digest(bytes));
  }

  private static MessageDigest copy(MessageDigest fresh) {
    try {
      return (MessageDigest) fresh.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("this Java platform's digests cannot be copied", e);
    }
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java platform lacks " + name, e);
    }
  }
}
