package garage.s3api.acl;

import garage.model.acl.Acl;
import garage.model.acl.AclPermission;
import garage.model.acl.BucketAcl;
import garage.model.acl.Grant;
import garage.model.acl.Grantee;
import garage.model.acl.ObjectOwnership;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.key.AccessKeys;
import garage.model.object.Annotations;
import garage.model.object.Tag;
import garage.s3api.call.Call;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.AclRequest;
import garage.s3api.request.CannedAcl;
import garage.s3api.xml.Owner;
import garage.s3api.xml.OwnershipControls;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who owns the objects of a bucket, and with whom they may be shared. The bucket's ownership
 * controls decide, the server's default where there are none.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html">Controlling
 *     ownership of objects</a>
 */
public final class Ownership {
  /** The setting of a bucket whose controls were taken away: as AWS before there were any. */
  public static final String NO_CONTROLS = "-";

  /** Owns what belongs to a bucket that belongs to no key. */
  private static final String NOBODY = "";

  private final Grantees grantees;
  private final ObjectOwnership byDefault;

  public Ownership(AccessKeys keys, ObjectOwnership byDefault) {
    this.grantees = new Grantees(keys);
    this.byDefault = byDefault;
  }

  /** The rule of a bucket. */
  public ObjectOwnership rule(Bucket bucket) {
    return bucket
        .setting(BucketSetting.OWNERSHIP_CONTROLS)
        .map(name -> ObjectOwnership.named(name).orElse(ObjectOwnership.OBJECT_WRITER))
        .orElse(byDefault);
  }

  /** The controls as a client sees them; empty if there are none. */
  public Optional<ObjectOwnership> controls(Bucket bucket) {
    Optional<String> set = bucket.setting(BucketSetting.OWNERSHIP_CONTROLS);
    if (set.isPresent()) {
      return ObjectOwnership.named(set.get());
    }
    return byDefault == ObjectOwnership.OBJECT_WRITER ? Optional.empty() : Optional.of(byDefault);
  }

  /** The setting of new controls. To enforce ownership, a bucket must be shared with nobody. */
  public String controls(Bucket bucket, OwnershipControls wanted) {
    if (wanted.ownership() == ObjectOwnership.BUCKET_OWNER_ENFORCED
        && acl(bucket).sharesBeyond(owner(bucket))) {
      throw S3ErrorCode.INVALID_BUCKET_ACL_WITH_OBJECT_OWNERSHIP.exception();
    }
    return wanted.ownership().wireName();
  }

  /**
   * The settings of a new bucket: its owner, the list it is made with, its controls if any are
   * asked for.
   */
  public Map<BucketSetting, String> newBucket(
      String owner, AclRequest asked, @Nullable ObjectOwnership controls) {
    Acl acl = bucketAcl(asked, owner);
    ObjectOwnership rule = controls == null ? byDefault : controls;
    if (rule == ObjectOwnership.BUCKET_OWNER_ENFORCED && acl != null && acl.sharesBeyond(owner)) {
      throw S3ErrorCode.INVALID_BUCKET_ACL_WITH_OBJECT_OWNERSHIP.exception();
    }
    Map<BucketSetting, String> settings = new EnumMap<>(BucketSetting.class);
    settings.put(BucketSetting.ACL, new BucketAcl(owner, acl).toSetting());
    if (controls != null) {
      settings.put(BucketSetting.OWNERSHIP_CONTROLS, controls.wireName());
    }
    return settings;
  }

  /** Whether access control lists count in a bucket. */
  public boolean usesAcls(Bucket bucket) {
    return rule(bucket) != ObjectOwnership.BUCKET_OWNER_ENFORCED;
  }

  /** The bucket's list. */
  public Acl acl(Bucket bucket) {
    String owner = owner(bucket);
    if (!usesAcls(bucket)) {
      return Acl.ownerOnly(owner);
    }
    return bucket
        .setting(BucketSetting.ACL)
        .map(BucketAcl::ofSetting)
        .flatMap(kept -> Optional.ofNullable(kept.acl()))
        .orElseGet(() -> Acl.ownerOnly(owner));
  }

  /** An object's list. */
  public Acl acl(Bucket bucket, Annotations said) {
    Acl acl = usesAcls(bucket) ? said.acl() : null;
    return acl == null ? Acl.ownerOnly(owner(bucket, said)) : acl;
  }

  /** The access key a bucket belongs to. */
  public String owner(Bucket bucket) {
    return bucket.owner().orElse(NOBODY);
  }

  /** The access key an object belongs to. */
  public String owner(Bucket bucket, Annotations said) {
    return usesAcls(bucket) ? said.owner() : owner(bucket);
  }

  /** Whether an object belongs to an owner of the bucket it is in. */
  public boolean isBucketOwners(Bucket bucket, Annotations said) {
    String owner = owner(bucket, said);
    return owner.equals(NOBODY) || bucket.permissions(owner).owner();
  }

  /** An access key as documents name it. */
  public Owner named(String keyId) {
    return grantees.owner(keyId);
  }

  Grantees grantees() {
    return grantees;
  }

  /** What is said of an object that a caller makes; refuses what must not be said of it. */
  public Annotations annotations(Call call, List<Tag> tags, AclRequest asked) {
    Bucket bucket = call.bucket();
    String bucketOwner = owner(bucket);
    if (!usesAcls(bucket)) {
      requireOwnersOnly(bucket, asked);
      return new Annotations(bucketOwner, tags);
    }
    boolean given =
        rule(bucket) == ObjectOwnership.BUCKET_OWNER_PREFERRED
            && asked instanceof AclRequest.Canned(CannedAcl acl)
            && acl == CannedAcl.BUCKET_OWNER_FULL_CONTROL;
    String owner = given ? bucketOwner : call.caller().id();
    Acl acl = objectAcl(asked, owner, bucketOwner);
    requireUnblocked(bucket, acl);
    return new Annotations(owner, tags, acl);
  }

  /** The list of an object of this owner that headers ask for; null to share with nobody. */
  @Nullable Acl objectAcl(AclRequest asked, String owner, String bucketOwner) {
    return switch (asked) {
      case AclRequest.None() -> null;
      case AclRequest.Canned(CannedAcl acl) -> canned(acl, owner, bucketOwner);
      case AclRequest.Grants(var grants) -> grantees.resolve(grants);
    };
  }

  /** The list of a bucket that headers ask for; null to share with nobody. */
  @Nullable Acl bucketAcl(AclRequest asked, String owner) {
    return objectAcl(asked, owner, owner);
  }

  private static @Nullable Acl canned(CannedAcl acl, String owner, String bucketOwner) {
    Grantee.Group all = Grantee.Group.ALL_USERS;
    Grantee bucketsOwner = new Grantee.Key(bucketOwner);
    boolean same = owner.equals(bucketOwner);
    return switch (acl) {
      case PRIVATE -> null;
      case PUBLIC_READ -> shared(owner, new Grant(all, AclPermission.READ));
      case PUBLIC_READ_WRITE ->
          shared(owner, new Grant(all, AclPermission.READ), new Grant(all, AclPermission.WRITE));
      case AUTHENTICATED_READ ->
          shared(owner, new Grant(Grantee.Group.AUTHENTICATED_USERS, AclPermission.READ));
      case BUCKET_OWNER_READ ->
          same ? null : shared(owner, new Grant(bucketsOwner, AclPermission.READ));
      case BUCKET_OWNER_FULL_CONTROL ->
          same ? null : shared(owner, new Grant(bucketsOwner, AclPermission.FULL_CONTROL));
      case LOG_DELIVERY_WRITE ->
          shared(
              owner,
              new Grant(Grantee.Group.LOG_DELIVERY, AclPermission.WRITE),
              new Grant(Grantee.Group.LOG_DELIVERY, AclPermission.READ_ACP));
    };
  }

  private static Acl shared(String owner, Grant... with) {
    List<Grant> grants = new ArrayList<>(Acl.ownerOnly(owner).grants());
    grants.addAll(List.of(with));
    return new Acl(grants);
  }

  /** Refuses a list that lets the public in, if the bucket's public access block says so. */
  void requireUnblocked(Bucket bucket, @Nullable Acl acl) {
    if (acl != null && acl.isPublic() && PublicAccessBlock.of(bucket).blockPublicAcls()) {
      throw S3ErrorCode.ACCESS_DENIED.because(
          "The ACL is public, which the bucket's public access block forbids");
    }
  }

  /**
   * Refuses every list but the one that says what is so anyway: the bucket's owner has full
   * control. {@code private} says it too, and passes where nobody asked for owner enforcement in so
   * many words: many clients are configured to send it.
   */
  void requireOwnersOnly(Bucket bucket, AclRequest asked) {
    boolean harmless =
        switch (asked) {
          case AclRequest.None() -> true;
          case AclRequest.Canned(CannedAcl acl) ->
              acl == CannedAcl.BUCKET_OWNER_FULL_CONTROL
                  || (acl == CannedAcl.PRIVATE
                      && bucket.setting(BucketSetting.OWNERSHIP_CONTROLS).isEmpty());
          case AclRequest.Grants(var grants) ->
              grantees.resolve(grants).equals(Acl.ownerOnly(owner(bucket)));
        };
    if (!harmless) {
      throw S3ErrorCode.ACCESS_CONTROL_LIST_NOT_SUPPORTED.exception();
    }
  }
}
