package garage.s3api.encryption;

import garage.common.hash.Digests;
import garage.common.id.Uuid;
import garage.http.Headers;
import garage.model.object.Encryption;
import garage.model.object.ObjectVersion;
import garage.model.object.Upload;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.CustomerKey;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Which key an object is encrypted with, and what clients are told of it. */
public final class Encryptions {
  private static final String CHECK = "garage sse-c check 1";
  private static final int TAG_BYTES = 16;

  private Encryptions() {}

  /** The encryption of an object by a client's key; null without one. */
  public static @Nullable Encryption of(@Nullable CustomerKey key, Uuid salt) {
    return key == null ? null : new Encryption(salt, key.derive(CHECK, salt));
  }

  /** Refuses a request to an object that does not come with the object's key, or with one. */
  public static void check(ObjectVersion.Stored object, @Nullable CustomerKey key) {
    Encryption encryption = object.encryption();
    if (encryption == null) {
      if (key != null) {
        throw S3ErrorCode.INVALID_REQUEST.because(
            "The encryption parameters are not applicable to this object.");
      }
      return;
    }
    if (key == null) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "The object was stored using a form of Server Side Encryption. The correct parameters"
              + " must be provided to retrieve the object.");
    }
    if (!opens(encryption, key)) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
  }

  /** Refuses a part that does not come with its upload's key, or with one. */
  public static void check(Upload upload, @Nullable CustomerKey key) {
    Encryption encryption = upload.encryption();
    if (encryption == null && key != null) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "The multipart upload initiate did not request encryption. Please resend the request"
              + " without sending encryption parameters.");
    }
    if (encryption != null && key == null) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "The multipart upload initiate requested encryption. Subsequent part requests must"
              + " include the appropriate encryption parameters.");
    }
    if (encryption != null && key != null && !opens(encryption, key)) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "The provided encryption parameters did not match the ones used originally.");
    }
  }

  /**
   * Refuses a completion that comes with another key than its upload. Without one it is refused
   * only where AWS asks for it: where checksums of the plain bytes are kept.
   */
  public static void checkCompletion(Upload upload, @Nullable CustomerKey key) {
    if (key != null || upload.checksumAlgorithm() != null) {
      check(upload, key);
    }
  }

  /** What a reply says of the key. */
  public static Headers headers(@Nullable CustomerKey key) {
    return key == null
        ? Headers.EMPTY
        : Headers.of(
            CustomerKey.HEADER + "algorithm", "AES256", CustomerKey.HEADER + "key-MD5", key.md5());
  }

  /** A tag that, as at AWS, says nothing of the bytes. */
  public static String etag(Uuid id) {
    byte[] digest = Digests.sha256(id.toBytes()).toBytes();
    return HexFormat.of().formatHex(digest, 0, TAG_BYTES);
  }

  private static boolean opens(Encryption encryption, CustomerKey key) {
    return MessageDigest.isEqual(
        key.derive(CHECK, encryption.salt()).toBytes(), encryption.check().toBytes());
  }
}
