package garage.s3api;

import garage.common.env.Clock;
import garage.http.sigv4.Credentials;
import garage.model.Model;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketName;
import garage.model.bucket.Permissions;
import garage.model.key.AccessKey;
import garage.s3api.bucket.BucketHandler;
import garage.s3api.call.Caller;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.Permission;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides what a caller may do, by the grants of its access key. */
final class Authorization {
  private final Model model;
  private final Clock clock;

  Authorization(Model model, Clock clock) {
    this.model = model;
    this.clock = clock;
  }

  /** The secret of a key that may sign requests now; null if there is none. */
  @Nullable Credentials credentials(String keyId) {
    return key(keyId).map(k -> new Credentials(k.id(), k.secret())).orElse(null);
  }

  /** Who holds these credentials. */
  Caller caller(Credentials credentials) {
    return key(credentials.accessKeyId())
        .map(Caller::new)
        .orElseThrow(S3ErrorCode.INVALID_ACCESS_KEY_ID::exception);
  }

  /** Refuses a request that is to no bucket in particular. */
  void check(Caller caller, Permission permission) {
    if (permission == Permission.CREATE_BUCKET && !caller.key().createBucket().value()) {
      throw S3ErrorCode.ACCESS_DENIED.because(
          "Access key " + caller.id() + " is not allowed to create buckets");
    }
  }

  /**
   * The bucket of a name, if the caller may do this with it.
   *
   * @param expectedOwner the key that must own it; null for any
   */
  Bucket bucket(Caller caller, String name, Permission permission, @Nullable String expectedOwner) {
    Bucket bucket = model.buckets().resolve(name, caller.id()).orElseThrow(() -> missing(name));
    boolean owned = expectedOwner == null || bucket.permissions(expectedOwner).owner();
    if (!owned || !holds(bucket.permissions(caller.id()), permission)) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
    return bucket;
  }

  private Optional<AccessKey> key(String id) {
    return model.keys().get(id).filter(k -> !k.isExpired(clock.wallMillis()));
  }

  private static boolean holds(Permissions granted, Permission needed) {
    return switch (needed) {
      case NONE -> true;
      case READ -> granted.read();
      case WRITE -> granted.write();
      case OWNER -> granted.owner();
      case CREATE_BUCKET -> false; // not a permission on a bucket
    };
  }

  private static RuntimeException missing(String name) {
    return BucketName.isValid(name)
        ? S3Error.of(S3ErrorCode.NO_SUCH_BUCKET).with("BucketName", name).exception()
        : BucketHandler.invalidName(name);
  }
}
