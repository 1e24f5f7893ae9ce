package garage.s3api.call;

import garage.http.HttpRequest;
import garage.http.sigv4.Payload;
import garage.model.bucket.Bucket;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.Versioning;
import garage.s3api.lifecycle.Expirations;
import java.util.Map;

/**
 * An authorized request to a bucket, and its body.
 *
 * @param access for keys that stand in the body
 * @param object for the object, once it is found
 * @param expirations when objects expire
 */
public record Call(
    Caller caller,
    Bucket bucket,
    Payload body,
    HttpRequest http,
    KeyAccess access,
    ObjectAccess object,
    Expirations expirations) {
  /** A key of the bucket. */
  public ObjectKey key(String key) {
    return new ObjectKey(bucket.id(), key);
  }

  /** Where a version of a key of the bucket is written. */
  public Objects.Target target(String key) {
    return new Objects.Target(key(key), bucket.versioning());
  }

  /** Whether what is written becomes a version with a name of its own, which the reply says. */
  public boolean makesVersions() {
    return bucket.versioning() == Versioning.ENABLED;
  }

  /** The headers that tell when an object of the bucket expires that is the present one. */
  public Map<String, String> expiration(String key, ObjectVersion.Stored present) {
    return expirations.headers(bucket, key, present);
  }

  /** Whether the bucket has ever kept versions, so that replies name them. */
  public boolean isVersioned() {
    return bucket.versioning() != Versioning.NONE;
  }
}
