package garage.http.sigv4;

import garage.common.hash.Digests;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC-SHA256 (RFC 2104) with one key. What a key alone contributes, half of the work for a short
 * message, is computed once; each message begins with copies of it. Safe for any number of tasks.
 */
final class Hmac {
  private static final int BLOCK_BYTES = 64;
  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5c;

  // Never changed: only copies are.
  private final MessageDigest inner;
  private final MessageDigest outer;

  Hmac(byte[] key) {
    byte[] block = Arrays.copyOf(key.length > BLOCK_BYTES ? digest(key) : key, BLOCK_BYTES);
    this.inner = begun(block, INNER);
    this.outer = begun(block, OUTER);
  }

  private static byte[] digest(byte[] bytes) {
    return Digests.sha256().digest(bytes);
  }

  private static MessageDigest begun(byte[] key, byte pad) {
    byte[] padded = new byte[BLOCK_BYTES];
    for (int i = 0; i < BLOCK_BYTES; i++) {
      padded[i] = (byte) (key[i] ^ pad);
    }
    MessageDigest begun = Digests.sha256();
    begun.update(padded);
    return begun;
  }

  byte[] of(String message) {
    MessageDigest last = copy(outer);
    last.update(copy(inner).digest(message.getBytes(StandardCharsets.UTF_8)));
    return last.digest();
  }

  private static MessageDigest copy(MessageDigest begun) {
    try {
      return (MessageDigest) begun.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("this Java platform's SHA-256 cannot be copied", e);
    }
  }
}
