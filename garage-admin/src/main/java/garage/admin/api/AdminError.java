package garage.admin.api;

/** Why a request failed: the code and HTTP status on the wire, and a message for the operator. */
public record AdminError(String code, int status, String message) {
  /** No key matches. */
  public static AdminError noSuchAccessKey(String key) {
    return new AdminError("NoSuchAccessKey", 404, "Access key not found: " + key);
  }

  /** No token matches. */
  public static AdminError noSuchAdminToken(String token) {
    return new AdminError("NoSuchAdminToken", 404, "Admin token not found: " + token);
  }

  /** No bucket matches. */
  public static AdminError noSuchBucket(String bucket) {
    return new AdminError("NoSuchBucket", 404, "Bucket not found: " + bucket);
  }

  /** No worker has this number. */
  public static AdminError noSuchWorker(long id) {
    return new AdminError("NoSuchWorker", 404, "Worker not found: " + id);
  }

  /** The key's id is or was taken. */
  public static AdminError keyAlreadyExists(String key) {
    return new AdminError(
        "KeyAlreadyExists",
        409,
        "Key " + key + " already exists, or existed: the id of a deleted key is not used again");
  }

  /** The alias is taken. */
  public static AdminError bucketAlreadyExists(String alias) {
    return new AdminError("BucketAlreadyExists", 409, "Bucket already exists: " + alias);
  }

  /** The bucket has objects or uploads. */
  public static AdminError bucketNotEmpty() {
    return new AdminError(
        "BucketNotEmpty", 409, "Tried to delete a bucket that still has objects in it");
  }

  /** The request makes no sense. */
  public static AdminError invalidRequest(String message) {
    return new AdminError("InvalidRequest", 400, message);
  }

  /** The name is not a bucket's. */
  public static AdminError invalidBucketName(String name) {
    return new AdminError("InvalidBucketName", 400, "Invalid bucket name: " + name);
  }

  /** The caller may not do this. */
  public static AdminError accessDenied(String message) {
    return new AdminError("AccessDenied", 403, message);
  }

  /** Too few nodes answered, or not in time. */
  public static AdminError serviceUnavailable(String message) {
    return new AdminError("ServiceUnavailable", 503, message);
  }

  /** There is no such thing here. */
  public static AdminError notImplemented(String message) {
    return new AdminError("NotImplemented", 501, message);
  }

  /** A bug, or a broken disk. */
  public static AdminError internalError(String message) {
    return new AdminError("InternalError", 500, message);
  }
}
