package garage.common.hash;

import garage.common.id.Hash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The JDK's message digests, which every Java platform must have. */
public final class Digests {
  private Digests() {}

  /** A fresh SHA-256, the hash of content addresses and signatures. */
  public static MessageDigest sha256() {
    return digest("SHA-256");
  }

  /** A fresh SHA-1, for checksums clients ask for. */
  public static MessageDigest sha1() {
    return digest("SHA-1");
  }

  /** A fresh MD5, for ETags and Content-MD5. */
  public static MessageDigest md5() {
    return digest("MD5");
  }

  /** The SHA-256 of {@code bytes}. */
  public static Hash sha256(byte[] bytes) {
    return Hash.of(sha256().digest(bytes));
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java platform lacks " + name, e);
    }
  }
}
