package garage.http;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where a server's certificate comes from; asked at each connection, so that it may change. */
@FunctionalInterface
public interface Certificates {
  /** The present one. */
  Pem current();

  /**
   * A certificate and its key.
   *
   * @param chain the server's own certificate, and those that lead to its root, in PEM
   * @param key the private key, in PEM, not encrypted
   */
  record Pem(byte[] chain, byte[] key) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Pem(byte[] otherChain, byte[] otherKey)
          && Arrays.equals(chain, otherChain)
          && Arrays.equals(key, otherKey);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(chain);
    }

    /** Nothing of the key. */
    @Override
    public String toString() {
      return "Pem[" + chain.length + " bytes]";
    }
  }
}
