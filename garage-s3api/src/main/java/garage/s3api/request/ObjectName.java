package garage.s3api.request;

import garage.common.check.Invariant;
import garage.model.object.VersionId;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A key, 1 to 1024 bytes of any UTF-8, in a bucket, by the name the client uses.
 *
 * @param version which version of the object is meant; null for the present one
 */
public record ObjectName(String bucket, String key, @Nullable VersionId version) {
  /** AWS's limit on the UTF-8 form of a key, in bytes. */
  public static final int KEY_BYTES_MAX = 1024;

  public ObjectName {
    Invariant.check(!bucket.isEmpty() && !key.isEmpty(), "neither name is empty");
  }

  /** A name of the present version. */
  public ObjectName(String bucket, String key) {
    this(bucket, key, null);
  }

  /** The name of a version. */
  ObjectName at(@Nullable VersionId id) {
    return new ObjectName(bucket, key, id);
  }

  /** The name, unless the key is too long. */
  static ObjectName checked(String bucket, String key) {
    checkKey(key);
    return new ObjectName(bucket, key);
  }

  /** Refuses a key that is too long. */
  public static void checkKey(String key) {
    int bytes = key.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > KEY_BYTES_MAX) {
      throw S3Error.of(S3ErrorCode.KEY_TOO_LONG)
          .with("Size", Integer.toString(bytes))
          .with("MaxSizeAllowed", Integer.toString(KEY_BYTES_MAX))
          .exception();
    }
  }
}
