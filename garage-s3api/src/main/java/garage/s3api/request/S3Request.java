package garage.s3api.request;

import garage.common.hash.ChecksumAlgorithm;
import garage.model.acl.ObjectOwnership;
import garage.model.bucket.BucketSetting;
import garage.model.object.Tag;
import garage.model.object.VersionId;
import garage.s3api.xml.KeyEncoding;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request of the S3 API: one record for each operation. */
public sealed interface S3Request {
  /** The operation's name as AWS writes it. */
  default String operation() {
    return getClass().getSimpleName();
  }

  /** What the caller's key must be granted. */
  Permission permission();

  /** A request to a bucket that must exist. */
  sealed interface InBucket extends S3Request {
    /** The bucket's name as the client knows it. */
    String bucket();
  }

  /** A request to one key. */
  sealed interface OnObject extends InBucket {
    /** The key. */
    ObjectName name();

    @Override
    default String bucket() {
      return name().bucket();
    }

    /** Which version of the object is meant; null for the present one. */
    default @Nullable VersionId version() {
      return name().version();
    }

    /** Whether it is to be done only where the object is in a certain state. */
    default boolean isConditional() {
      return false;
    }
  }

  /** A request whose body is a document. */
  sealed interface WithDocument extends S3Request {
    /** What the client says of it. */
    BodyClaim claim();
  }

  /** An operation AWS has and this system does not. */
  record NotImplemented(String operation) implements S3Request {
    @Override
    public Permission permission() {
      return Permission.NONE;
    }
  }

  /** Stores the file of the form that is the body; who may, stands in the form. */
  record PostObject(String bucket) implements S3Request {
    @Override
    public Permission permission() {
      return Permission.NONE;
    }
  }

  /** Lists the caller's buckets. */
  record ListBuckets(@Nullable String prefix, @Nullable String token, int maxBuckets)
      implements S3Request {
    /** AWS's limit on the buckets of a page. */
    public static final int BUCKETS_MAX = 10_000;

    @Override
    public Permission permission() {
      return Permission.NONE;
    }
  }

  /**
   * Makes a bucket; where, stands in the body.
   *
   * @param ownership who is to own its objects; null for the server's default
   */
  record CreateBucket(
      String bucket, AclRequest acl, @Nullable ObjectOwnership ownership, BodyClaim claim)
      implements S3Request, WithDocument {
    @Override
    public Permission permission() {
      return Permission.CREATE_BUCKET;
    }
  }

  /** Removes an empty bucket. */
  record DeleteBucket(String bucket) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.OWNER;
    }
  }

  /** Asks whether a bucket is there. */
  record HeadBucket(String bucket) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Asks for a bucket's region. */
  record GetBucketLocation(String bucket) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Asks whether a bucket keeps versions. */
  record GetBucketVersioning(String bucket) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /**
   * Asks for a configuration that is never set.
   *
   * @param byId whether one of several is asked for
   */
  record GetUnsetConfiguration(String bucket, UnsetConfiguration what, boolean byId)
      implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Takes a configuration away that is never set. */
  record DeleteUnsetConfiguration(String bucket, UnsetConfiguration what) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.OWNER;
    }
  }

  /** Asks that what is written to a bucket be locked. */
  record PutObjectLockConfiguration(String bucket) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.OWNER;
    }
  }

  /** Asks for what is configured of a bucket. */
  record GetBucketSetting(String bucket, BucketSetting what) implements InBucket {
    @Override
    public Permission permission() {
      return what == BucketSetting.POLICY ? Permission.OWNER : Permission.READ;
    }
  }

  /** Configures a bucket with what stands in the body. */
  record PutBucketSetting(String bucket, BucketSetting what, BodyClaim claim)
      implements InBucket, WithDocument {
    @Override
    public Permission permission() {
      return Permission.OWNER;
    }
  }

  /** Takes a configuration of a bucket away. */
  record DeleteBucketSetting(String bucket, BucketSetting what) implements InBucket {
    @Override
    public Permission permission() {
      return what == BucketSetting.LIFECYCLE ? Permission.WRITE : Permission.OWNER;
    }
  }

  /**
   * Says in the body what becomes of a bucket's objects in time. Whoever may delete them may.
   *
   * @param sizes what goes with the body in a header; null if it is not there
   */
  record PutBucketLifecycleConfiguration(String bucket, @Nullable String sizes, BodyClaim claim)
      implements InBucket, WithDocument {
    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** Asks with whom a bucket is shared. */
  record GetBucketAcl(String bucket) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.OWNER;
    }
  }

  /** Shares a bucket with those whom {@code acl} names, or the body if that does not. */
  record PutBucketAcl(String bucket, AclRequest acl, BodyClaim claim)
      implements InBucket, WithDocument {
    @Override
    public Permission permission() {
      return Permission.OWNER;
    }
  }

  /** Asks whether a bucket's policy lets the public in. */
  record GetBucketPolicyStatus(String bucket) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** What a listing of keys shows; an empty delimiter means none. */
  record Filter(String prefix, String delimiter, int max, KeyEncoding encoding) {}

  /** Lists objects, the older form. */
  record ListObjects(String bucket, Filter filter, String marker) implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Lists objects. */
  record ListObjectsV2(
      String bucket,
      Filter filter,
      @Nullable String startAfter,
      @Nullable String token,
      boolean withOwner)
      implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Lists the versions of objects. */
  record ListObjectVersions(
      String bucket, Filter filter, String keyMarker, @Nullable VersionId versionIdMarker)
      implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Lists uploads in progress. */
  record ListMultipartUploads(String bucket, Filter filter, String keyMarker, String uploadIdMarker)
      implements InBucket {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Deletes the keys that stand in the body. */
  record DeleteObjects(String bucket, BodyClaim claim) implements InBucket, WithDocument {
    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** Reads an object. */
  record GetObject(ObjectName name, ReadOptions options) implements OnObject {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Reads an object's headers. */
  record HeadObject(ObjectName name, ReadOptions options) implements OnObject {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Stores the body as an object. */
  record PutObject(
      ObjectName name,
      ObjectHeaders headers,
      List<Tag> tags,
      AclRequest acl,
      UploadBody body,
      WriteCondition condition)
      implements OnObject {
    @Override
    public boolean isConditional() {
      return !(condition instanceof WriteCondition.Always);
    }

    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /**
   * Stores a copy of an object.
   *
   * @param headers what replaces the source's headers; null to copy them too
   * @param tags what replaces the source's tags; null to copy them too
   * @param key what to encrypt the copy with
   * @param redirectLocation of the copy, if the source's headers are copied; its own never is
   * @param checksum what to sum the copy up with; null for what the source has
   */
  record CopyObject(
      ObjectName name,
      CopySource source,
      @Nullable ObjectHeaders headers,
      @Nullable List<Tag> tags,
      AclRequest acl,
      @Nullable CustomerKey key,
      @Nullable String redirectLocation,
      @Nullable ChecksumAlgorithm checksum,
      WriteCondition condition)
      implements OnObject {
    @Override
    public boolean isConditional() {
      return !(condition instanceof WriteCondition.Always);
    }

    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** Removes an object. */
  record DeleteObject(ObjectName name, DeleteCondition condition) implements OnObject {
    @Override
    public boolean isConditional() {
      return !condition.isNone();
    }

    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** Begins an upload in parts, which are encrypted with {@code key} if it is given. */
  record CreateMultipartUpload(
      ObjectName name,
      ObjectHeaders headers,
      List<Tag> tags,
      AclRequest acl,
      @Nullable CustomerKey key,
      @Nullable UploadChecksum checksum)
      implements OnObject {
    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** Names one part of an upload. */
  record PartName(ObjectName object, String uploadId, int number) {}

  /** Stores the body as a part. */
  record UploadPart(PartName part, UploadBody body) implements OnObject {
    @Override
    public ObjectName name() {
      return part.object();
    }

    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** Stores bytes of an object as a part; all of them if {@code range} is null. */
  record UploadPartCopy(
      PartName part, CopySource source, ByteRange.@Nullable Span range, @Nullable CustomerKey key)
      implements OnObject {
    @Override
    public ObjectName name() {
      return part.object();
    }

    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /**
   * Makes the object of the parts that stand in the body.
   *
   * @param checksumHeader the object's checksum as the client knows it, in the wire's form
   * @param key what the parts were encrypted with, if the client says it again
   */
  record CompleteMultipartUpload(
      ObjectName name,
      String uploadId,
      @Nullable CompleteChecksum checksumHeader,
      @Nullable Long objectSize,
      @Nullable CustomerKey key,
      WriteCondition condition,
      BodyClaim claim)
      implements OnObject, WithDocument {
    @Override
    public boolean isConditional() {
      return !(condition instanceof WriteCondition.Always);
    }

    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** The checksum headers of CompleteMultipartUpload; {@code value} may end in {@code -N}. */
  record CompleteChecksum(
      @Nullable ChecksumAlgorithm algorithm,
      @Nullable String value,
      UploadChecksum.@Nullable Type type) {}

  /** Gives an upload up. */
  record AbortMultipartUpload(ObjectName name, String uploadId) implements OnObject {
    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** Lists the parts of an upload. */
  record ListParts(ObjectName name, String uploadId, int marker, int maxParts) implements OnObject {
    /** AWS's limit on the parts of a page. */
    public static final int PARTS_MAX = 1000;

    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /**
   * Asks for some attributes of an object.
   *
   * @param attributes at least one
   * @param marker the part number after which parts are listed
   */
  record GetObjectAttributes(
      ObjectName name,
      Set<ObjectAttribute> attributes,
      int marker,
      int maxParts,
      @Nullable CustomerKey key)
      implements OnObject {
    public GetObjectAttributes {
      attributes = Set.copyOf(attributes);
    }

    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Asks with whom an object is shared. */
  record GetObjectAcl(ObjectName name) implements OnObject {
    @Override
    public Permission permission() {
      return Permission.OWNER;
    }
  }

  /** Shares an object with those whom {@code acl} names, or the body if that does not. */
  record PutObjectAcl(ObjectName name, AclRequest acl, BodyClaim claim)
      implements OnObject, WithDocument {
    @Override
    public Permission permission() {
      return Permission.OWNER;
    }
  }

  /**
   * Asks for the lock of an object, or sets it.
   *
   * @param what {@code Retention} or {@code LegalHold}
   */
  record LockOfObject(ObjectName name, boolean isPut, String what) implements OnObject {
    @Override
    public String operation() {
      return (isPut ? "PutObject" : "GetObject") + what;
    }

    @Override
    public Permission permission() {
      return isPut ? Permission.WRITE : Permission.READ;
    }
  }

  /** Asks for an object's tags. */
  record GetObjectTagging(ObjectName name) implements OnObject {
    @Override
    public Permission permission() {
      return Permission.READ;
    }
  }

  /** Replaces an object's tags by those that stand in the body. */
  record PutObjectTagging(ObjectName name, BodyClaim claim) implements OnObject, WithDocument {
    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }

  /** Takes an object's tags away. */
  record DeleteObjectTagging(ObjectName name) implements OnObject {
    @Override
    public Permission permission() {
      return Permission.WRITE;
    }
  }
}
