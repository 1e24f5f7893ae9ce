package garage.model.key;

import garage.common.hash.Digests;
import java.nio.charset.StandardCharsets;

/**
 * Canonical user ids, by which access control lists and listings name accounts. Every access key is
 * an account of its own, whose canonical id follows from the key's id.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html">Finding
 *     the canonical user ID</a>
 */
public final class CanonicalId {
  /** AWS's canonical id of everybody who does not sign; it is nobody's key. */
  public static final String ANONYMOUS = "65a011a29cdf8ec533ec3d1ccaae921c";

  private static final String SALT = "canonical user of ";

  private CanonicalId() {}

  /** The canonical id of a key: 64 hex digits. */
  public static String of(String keyId) {
    if (keyId.equals(ANONYMOUS)) {
      return ANONYMOUS;
    }
    return Digests.sha256((SALT + keyId).getBytes(StandardCharsets.UTF_8)).toString();
  }
}
