package garage.model.acl;

import java.util.Optional;

/**
 * Who owns the objects of a bucket, and whether access control lists count.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html">Controlling
 *     ownership of objects</a>
 */
public enum ObjectOwnership {
  /** The bucket's owner, of all; lists do not count and cannot be set. */
  BUCKET_OWNER_ENFORCED("BucketOwnerEnforced"),
  /** The bucket's owner, of what is written with {@code bucket-owner-full-control}. */
  BUCKET_OWNER_PREFERRED("BucketOwnerPreferred"),
  /** Whoever writes an object. */
  OBJECT_WRITER("ObjectWriter");

  private final String wireName;

  ObjectOwnership(String wireName) {
    this.wireName = wireName;
  }

  /** As documents, headers and settings name it. */
  public String wireName() {
    return wireName;
  }

  /** The one of this name. */
  public static Optional<ObjectOwnership> named(String name) {
    for (ObjectOwnership ownership : values()) {
      if (ownership.wireName.equals(name)) {
        return Optional.of(ownership);
      }
    }
    return Optional.empty();
  }
}
