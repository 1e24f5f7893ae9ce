package garage.s3api.access;

import garage.model.acl.AclPermission;
import garage.model.bucket.Bucket;
import garage.model.bucket.Permissions;
import garage.model.object.Annotations;
import garage.s3api.acl.Ownership;
import garage.s3api.acl.PublicAccessBlock;
import garage.s3api.call.Caller;
import garage.s3api.call.ObjectAccess;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.policy.BucketPolicy;
import garage.s3api.policy.PolicyContext;
import garage.s3api.request.Permission;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the sender of one request may do in a bucket, by each of the ways to allow something. */
final class Rights {
  private final Arrival arrival;
  private final Bucket bucket;
  private final Optional<BucketPolicy> policy;
  private final Ownership ownership;
  private final Instant now;

  Rights(
      Arrival arrival,
      Bucket bucket,
      Optional<BucketPolicy> policy,
      Ownership ownership,
      Instant now) {
    this.arrival = arrival;
    this.bucket = bucket;
    this.policy = policy;
    this.ownership = ownership;
    this.now = now;
  }

  // --- by the grants of the key

  /** Whether the caller's key is granted this on the bucket. */
  boolean granted(Permission needed) {
    Caller caller = arrival.caller();
    Permissions granted = caller.isAnonymous() ? Permissions.NONE : bucket.permissions(caller.id());
    return switch (needed) {
      case NONE -> true;
      case READ -> granted.read();
      case WRITE -> granted.write();
      case OWNER -> granted.owner();
      case CREATE_BUCKET -> false; // not a permission on a bucket
    };
  }

  // --- by the policy

  /** Whether the policy has something to say. */
  boolean hasPolicy() {
    return policy.isPresent();
  }

  /** What the policy says of an action on the bucket, or on a key in it. */
  BucketPolicy.Decision policy(String action, @Nullable String key, RequestKeys.Tags tags) {
    return policy.map(p -> decide(p, action, key, keys(tags))).orElse(BucketPolicy.Decision.SILENT);
  }

  private RequestKeys keys(RequestKeys.Tags tags) {
    return new RequestKeys(arrival.http(), arrival.head(), arrival.caller(), now, tags);
  }

  /** The decision; an allowance to the public counts only where that is not forbidden. */
  private BucketPolicy.Decision decide(
      BucketPolicy rules,
      String action,
      @Nullable String key,
      Function<String, List<String>> conditions) {
    String resource =
        key == null ? PolicyContext.arn(rules.bucket()) : PolicyContext.arn(rules.bucket(), key);
    BucketPolicy.Decision decision =
        rules.decide(new PolicyContext(arrival.caller().identity(), action, resource, conditions));
    boolean restricted =
        decision == BucketPolicy.Decision.ALLOWED
            && rules.isPublic()
            && PublicAccessBlock.of(bucket).restrictPublicBuckets();
    return restricted ? BucketPolicy.Decision.SILENT : decision;
  }

  // --- by access control lists

  /** Whether the bucket's list grants this. */
  boolean byAcl(AclPermission wanted) {
    return ownership.usesAcls(bucket)
        && ownership.acl(bucket).allows(callerKey(), wanted, countsPublic());
  }

  /** Whether objects' lists count. */
  boolean usesAcls() {
    return ownership.usesAcls(bucket);
  }

  /**
   * The decision by an object's list. Its owner may always read and write the list itself; so may
   * the owners of the bucket if it belongs to one of them.
   */
  ObjectAccess objectByAcl(AclPermission wanted) {
    return said -> {
      if (!objectAllows(said, wanted)) {
        throw S3ErrorCode.ACCESS_DENIED.exception();
      }
    };
  }

  private boolean objectAllows(Annotations said, AclPermission wanted) {
    String caller = callerKey();
    boolean aboutList = wanted == AclPermission.READ_ACP || wanted == AclPermission.WRITE_ACP;
    boolean owns =
        ownership.owner(bucket, said).equals(caller)
            || (granted(Permission.OWNER) && ownership.isBucketOwners(bucket, said));
    return (aboutList && owns)
        || (usesAcls() && ownership.acl(bucket, said).allows(caller, wanted, countsPublic()));
  }

  private @Nullable String callerKey() {
    return arrival.caller().isAnonymous() ? null : arrival.caller().id();
  }

  private boolean countsPublic() {
    return !PublicAccessBlock.of(bucket).ignorePublicAcls();
  }

  // --- by all of them

  /**
   * Whether the caller may see which keys there are, so that it may be told that {@code key} is
   * not: decided as a listing of just that key would be.
   */
  boolean mayList(String key) {
    BucketPolicy.Decision decision =
        policy
            .map(p -> {
              RequestKeys said = keys(RequestKeys.Tags.NONE);
              return decide(
                  p,
                  "s3:ListBucket",
                  null,
                  name -> name.equals("s3:prefix") ? List.of(key) : said.apply(name));
            })
            .orElse(BucketPolicy.Decision.SILENT);
    return switch (decision) {
      case ALLOWED -> true;
      case DENIED -> false;
      case SILENT -> granted(Permission.READ) || byAcl(AclPermission.READ);
    };
  }
}
