package garage.s3api.request;

import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The key a client sends with each request to an object that is to be encrypted with it. It is
 * never stored, logged or sent; only what is derived from it leaves this class.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html">Using
 *     server-side encryption with customer-provided keys</a>
 */
public final class CustomerKey {
  /** What the names of the headers begin with. */
  public static final String HEADER = "x-amz-server-side-encryption-customer-";

  /** Likewise for the key of a copy's source. */
  static final String SOURCE_HEADER = "x-amz-copy-source-server-side-encryption-customer-";

  private static final String AES_256 = "AES256";
  private static final int KEY_BYTES = 32;
  private static final String MAC = "HmacSHA256";

  private final SecretKeySpec key;
  private final String md5;

  private CustomerKey(byte[] key, String md5) {
    this.key = new SecretKeySpec(key, MAC);
    this.md5 = md5;
  }

  /** Reads the three headers that begin with {@code prefix}; null if none of them is there. */
  static @Nullable CustomerKey parse(RequestHead head, String prefix) {
    String algorithm = head.header(prefix + "algorithm");
    String key = head.header(prefix + "key");
    String md5 = head.header(prefix + "key-md5");
    if (algorithm == null && key == null && md5 == null) {
      return null;
    }
    if (algorithm == null || algorithm.isEmpty()) {
      throw missing("a valid encryption algorithm.");
    }
    if (!algorithm.equals(AES_256)) {
      throw S3Error.of(S3ErrorCode.INVALID_ENCRYPTION_ALGORITHM)
          .with("ArgumentName", prefix + "algorithm")
          .with("ArgumentValue", algorithm)
          .exception();
    }
    if (key == null || key.isEmpty()) {
      throw missing("an appropriate secret key.");
    }
    if (md5 == null || md5.isEmpty()) {
      throw missing("the client calculated MD5 of the secret key.");
    }
    return new CustomerKey(checked(key, md5), md5);
  }

  private static byte[] checked(String key, String md5) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(key);
    } catch (IllegalArgumentException e) {
      bytes = new byte[0];
    }
    if (bytes.length != KEY_BYTES) {
      throw invalid("The secret key was invalid for the specified algorithm.");
    }
    String actual = Base64.getEncoder().encodeToString(Digests.md5().digest(bytes));
    if (!MessageDigest.isEqual(
        actual.getBytes(StandardCharsets.US_ASCII), md5.getBytes(StandardCharsets.UTF_8))) {
      throw invalid("The calculated MD5 hash of the key did not match the hash that was provided.");
    }
    return bytes;
  }

  /** The MD5 of the key as the client sent it, by which replies name it. */
  public String md5() {
    return md5;
  }

  /** A secret for {@code purpose} that is of this key and {@code id} alone. */
  public Hash derive(String purpose, Uuid id) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      mac.update(purpose.getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) 0);
      return Hash.of(mac.doFinal(id.toBytes()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform lacks " + MAC, e);
    }
  }

  private static S3Exception missing(String what) {
    return invalid(
        "Requests specifying Server Side Encryption with Customer provided keys must provide "
            + what);
  }

  private static S3Exception invalid(String message) {
    return S3Error.invalidArgument(message, "x-amz-server-side-encryption", "null").exception();
  }
}
