package garage.s3api.access;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.id.Uuid;
import garage.http.HttpRequest;
import garage.http.sigv4.Credentials;
import garage.model.Model;
import garage.model.acl.AclPermission;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketName;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import garage.model.key.AccessKey;
import garage.model.key.CanonicalId;
import garage.model.object.ObjectKey;
import garage.model.object.Objects;
import garage.model.object.Tag;
import garage.model.object.VersionId;
import garage.s3api.acl.Ownership;
import garage.s3api.bucket.BucketHandler;
import garage.s3api.call.Caller;
import garage.s3api.call.KeyAccess;
import garage.s3api.call.ObjectAccess;
import garage.s3api.call.Source;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.policy.BucketPolicy;
import garage.s3api.policy.PolicyContext;
import garage.s3api.request.AclRequest;
import garage.s3api.request.CopySource;
import garage.s3api.request.Permission;
import garage.s3api.request.RequestHead;
import garage.s3api.request.S3Request;
import garage.s3api.xml.Tagging;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a caller may do. A bucket's policy is asked first: what it denies is denied, what it
 * allows is allowed. Where it is silent, the grants of the caller's key on the bucket decide, and
 * where these do not reach, the access control lists of the bucket and the object, unless the
 * bucket has none. The bucket's owner can always read, replace and delete a policy, so that none
 * locks everybody out.
 *
 * <p>Buckets and keys are taken as this node knows them; before it refuses, it asks a quorum, so
 * that what was granted counts on every node at once. What is taken away may go on for as long as a
 * node has not heard of it.
 *
 * <p>What an object's list says is only known when the object is found: then {@link ObjectAccess}
 * decides, on the very version that is answered. Whoever may not list a bucket is not told which
 * keys it lacks.
 */
public final class Authorization {
  /** A lookup of what a decision asks for: a key, a bucket, an object's tags, an upload. */
  private static final Duration LOOKUP_MAX = Duration.ofSeconds(10);

  private final Model model;
  private final Ownership ownership;
  private final Clock clock;
  private final Policies policies = new Policies();

  /**
   * A request that may be made to a bucket.
   *
   * @param object what is left to decide when the object is found
   * @param keys decides on keys that stand in the body
   */
  public record Admission(Bucket bucket, ObjectAccess object, KeyAccess keys, Concealing secrets) {}

  /** Keeps from those who may not list a bucket which keys it lacks. */
  public static final class Concealing {
    private final Rights rights;
    private final String key;

    private Concealing(Rights rights, String key) {
      this.rights = rights;
      this.key = key;
    }

    /** Does {@code what}; that there is no such key is told to those who may list. */
    public <T> T around(Supplier<T> what) {
      try {
        return what.get();
      } catch (S3Exception e) {
        S3ErrorCode code = e.error().code();
        boolean tells = code == S3ErrorCode.NO_SUCH_KEY || code == S3ErrorCode.NO_SUCH_VERSION;
        if (tells && !rights.mayList(key)) {
          throw S3ErrorCode.ACCESS_DENIED.exception();
        }
        throw e;
      }
    }
  }

  public Authorization(Model model, Ownership ownership, Clock clock) {
    this.model = model;
    this.ownership = ownership;
    this.clock = clock;
  }

  /** The secret of a key that may sign requests now; null if there is none. */
  public @Nullable Credentials credentials(String keyId) {
    return key(keyId).map(k -> new Credentials(k.id(), k.secret())).orElse(null);
  }

  /** Who holds these credentials. */
  public Caller caller(Credentials credentials) {
    return key(credentials.accessKeyId())
        .map(Caller::new)
        .orElseThrow(S3ErrorCode.INVALID_ACCESS_KEY_ID::exception);
  }

  /** Refuses a request that is to no bucket in particular. */
  public void check(Caller caller, S3Request request) {
    AccessKey key = caller.key();
    if (key == null) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
    if (request.permission() == Permission.CREATE_BUCKET
        && !model.keys().mayCreateBuckets(key.id(), Deadline.after(clock, LOOKUP_MAX))) {
      throw S3ErrorCode.ACCESS_DENIED.because(
          "Access key " + caller.id() + " is not allowed to create buckets");
    }
  }

  /** The bucket a request is to, if the caller may make it. */
  public Admission admit(Arrival arrival, S3Request.InBucket request) {
    SecondLook look = look(arrival.caller(), request.bucket());
    return look.decide(bucket -> {
      checkOwner(bucket, arrival.expectedOwner());
      Rights rights = rights(arrival, bucket);
      String key = request instanceof S3Request.OnObject on ? on.name().key() : "";
      ObjectAccess object = look.onObject(bucket, b -> objectAccess(arrival, b, request));
      return new Admission(
          bucket, object, keys(arrival, bucket, look), new Concealing(rights, key));
    });
  }

  private ObjectAccess objectAccess(Arrival arrival, Bucket bucket, S3Request.InBucket request) {
    Rights rights = rights(arrival, bucket);
    if (request instanceof S3Request.DeleteObjects && rights.hasPolicy()) {
      return ObjectAccess.DECIDED; // key by key
    }
    return switch (policy(rights, arrival, bucket, request)) {
      case DENIED -> throw S3ErrorCode.ACCESS_DENIED.exception();
      case ALLOWED -> ObjectAccess.DECIDED;
      case SILENT -> withoutPolicy(arrival, bucket, rights, request);
    };
  }

  private ObjectAccess withoutPolicy(
      Arrival arrival, Bucket bucket, Rights rights, S3Request.InBucket request) {
    AclNeed need = AclNeed.of(request);
    boolean aboutList =
        request instanceof S3Request.GetObjectAcl || request instanceof S3Request.PutObjectAcl;
    if (!aboutList && rights.granted(request.permission())) {
      return ObjectAccess.DECIDED;
    }
    return switch (need) {
      case AclNeed.OnBucket(AclPermission wanted) when rights.byAcl(wanted) -> ObjectAccess.DECIDED;
      case AclNeed.OnObject(AclPermission wanted) -> {
        String key = request instanceof S3Request.OnObject on ? on.name().key() : "";
        yield objectAccess(rights, wanted, key, aboutList && rights.granted(Permission.OWNER));
      }
      case AclNeed.OnOwnUpload(String id, AclPermission wanted)
          when rights.byAcl(wanted) && !isOthers(arrival.caller(), bucket, request, id) ->
          ObjectAccess.DECIDED;
      case AclNeed.OnBucket _, AclNeed.OnOwnUpload _, AclNeed.None _ ->
          throw S3ErrorCode.ACCESS_DENIED.exception();
    };
  }

  /** Whether an upload is there and was begun by somebody else. */
  private boolean isOthers(
      Caller caller, Bucket bucket, S3Request.InBucket request, String uploadId) {
    if (!(request instanceof S3Request.OnObject on)) {
      return false;
    }
    try {
      ObjectKey key = new ObjectKey(bucket.id(), on.name().key());
      Deadline deadline = Deadline.after(clock, LOOKUP_MAX);
      return model
          .objects()
          .uploads()
          .find(key, Uuid.parse(uploadId), deadline)
          .filter(upload -> !upload.initiator().equals(caller.id()))
          .isPresent();
    } catch (IllegalArgumentException e) {
      return false; // an id of nothing, as who is asked for it will say
    }
  }

  /** The decision left to the object, unless nothing the object could say would matter. */
  private static ObjectAccess objectAccess(
      Rights rights, AclPermission wanted, String key, boolean owner) {
    if (!rights.usesAcls() && !owner && !rights.mayList(key)) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
    return rights.objectByAcl(wanted);
  }

  /** The object a copy reads; what it may not read it is told when it is found. */
  public Origin source(Arrival arrival, CopySource source) {
    SecondLook look = look(arrival.caller(), source.name().bucket());
    return look.decide(bucket -> {
      checkOwner(bucket, source.expectedOwner());
      String name = source.name().key();
      ObjectAccess access = look.onObject(bucket, b -> readAccess(arrival, b, source));
      return new Origin(
          new Source(new ObjectKey(bucket.id(), name), access),
          new Concealing(rights(arrival, bucket), name),
          () -> requireStill(arrival.caller(), source.name().bucket(), bucket));
    });
  }

  private ObjectAccess readAccess(Arrival arrival, Bucket bucket, CopySource source) {
    Rights rights = rights(arrival, bucket);
    String name = source.name().key();
    VersionId id = source.name().version();
    String action = id == null ? "s3:GetObject" : "s3:GetObjectVersion";
    var tags = new RequestKeys.Tags(() -> tags(new ObjectKey(bucket.id(), name), id), List::of);
    return switch (rights.policy(action, name, tags)) {
      case DENIED -> throw S3ErrorCode.ACCESS_DENIED.exception();
      case ALLOWED -> ObjectAccess.DECIDED;
      case SILENT ->
          rights.granted(Permission.READ)
              ? ObjectAccess.DECIDED
              : objectAccess(rights, AclPermission.READ, name, false);
    };
  }

  /**
   * The source of a copy; {@code still} refuses if its bucket is no longer the one of that name.
   */
  public record Origin(Source source, Concealing secrets, Runnable still) {
    /** Does what reads it. */
    public <T> T reading(Function<Source, T> what) {
      return secrets.around(() -> {
        try {
          return what.apply(source);
        } catch (S3Exception e) {
          still.run(); // what was not found may be in the other
          throw e;
        }
      });
    }
  }

  private KeyAccess keys(Arrival arrival, Bucket bucket, SecondLook look) {
    Rights rights = rights(arrival, bucket);
    return (action, key, id) ->
        mayTouch(rights, action, new ObjectKey(bucket.id(), key), id)
            || look.news()
                .map(now -> rights(arrival, now))
                .filter(now -> mayTouch(now, action, new ObjectKey(bucket.id(), key), id))
                .isPresent();
  }

  private boolean mayTouch(Rights rights, String action, ObjectKey key, @Nullable VersionId id) {
    var tags = new RequestKeys.Tags(() -> tags(key, id), List::of);
    return switch (rights.policy(action, key.key(), tags)) {
      case DENIED -> false;
      case ALLOWED -> true;
      case SILENT ->
          rights.granted(Permission.WRITE)
              || (id == null && rights.byAcl(AclPermission.WRITE)); // see AclNeed
    };
  }

  private Rights rights(Arrival arrival, Bucket bucket) {
    return new Rights(arrival, bucket, policies.of(bucket), ownership, clock.now());
  }

  /** Whether the bucket's policy forbids a request without a signature to read a key. */
  public boolean deniesPublic(HttpRequest http, RequestHead head, Bucket bucket, String key) {
    return policies
        .of(bucket)
        .map(policy -> {
          RequestKeys.Tags tags =
              new RequestKeys.Tags(() -> tags(new ObjectKey(bucket.id(), key), null), List::of);
          RequestKeys keys = new RequestKeys(http, head, Caller.anonymous(), clock.now(), tags);
          PolicyContext context =
              new PolicyContext(
                  Caller.anonymous().identity(),
                  "s3:GetObject",
                  PolicyContext.arn(policy.bucket(), key),
                  keys);
          return policy.decide(context) == BucketPolicy.Decision.DENIED;
        })
        .orElse(false);
  }

  private SecondLook look(Caller caller, String name) {
    Bucket here = resolve(caller, name);
    return new SecondLook(
        here,
        () -> {
          var now = model.buckets().latest(here.id(), Deadline.after(clock, LOOKUP_MAX));
          requireStill(caller, name, here);
          return now;
        });
  }

  private Bucket resolve(Caller caller, String name) {
    String keyId = caller.isAnonymous() ? null : caller.id();
    return model
        .buckets()
        .resolve(name, keyId, Deadline.after(clock, LOOKUP_MAX))
        .orElseThrow(() -> missing(name));
  }

  /**
   * Refuses what was done, or not found, in a bucket that {@link Buckets#isDoubtful may be deleted}
   * for all this node knows, unless {@code name} still stands for it: it may have missed that
   * another was made by that name, where the client's objects are.
   */
  public void requireStill(Caller caller, String name, Bucket bucket) {
    if (model.buckets().isDoubtful(bucket.id())
        && !resolve(caller, name).id().equals(bucket.id())) {
      throw S3Error.of(
              S3ErrorCode.SERVICE_UNAVAILABLE,
              "The bucket was deleted and made anew a moment ago. Please try again.")
          .withHeader("Retry-After", "1")
          .exception();
    }
  }

  private static void checkOwner(Bucket bucket, @Nullable String expected) {
    if (expected != null && !isOwner(bucket, expected)) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
  }

  /** Whether an account, by its key's id or its canonical id, is an owner of a bucket. */
  private static boolean isOwner(Bucket bucket, String account) {
    return bucket.permissions(account).owner()
        || bucket.grants().entrySet().stream()
            .anyMatch(grant ->
                grant.getValue().owner() && CanonicalId.of(grant.getKey()).equals(account));
  }

  // --- the policy

  private BucketPolicy.Decision policy(
      Rights rights, Arrival arrival, Bucket bucket, S3Request.InBucket request) {
    boolean rescue = isAboutPolicy(request) && rights.granted(Permission.OWNER);
    if (rescue || !rights.hasPolicy()) {
      return BucketPolicy.Decision.SILENT;
    }
    String key = request instanceof S3Request.OnObject on ? on.name().key() : null;
    RequestKeys.Tags tags = tags(arrival, bucket, request);
    for (String action : implied(request)) {
      if (rights.policy(action, key, tags) == BucketPolicy.Decision.DENIED) {
        return BucketPolicy.Decision.DENIED;
      }
    }
    return rights.policy(PolicyActions.of(request), key, tags);
  }

  /** What a request does besides: a policy that denies that denies the request. */
  private static List<String> implied(S3Request.InBucket request) {
    List<String> actions = new ArrayList<>();
    if (request instanceof S3Request.OnObject on) {
      if (!(acl(on) instanceof AclRequest.None)) {
        actions.add("s3:PutObjectAcl");
      }
      if (!(on instanceof S3Request.PutObjectTagging) && !headerTags(on).isEmpty()) {
        actions.add("s3:PutObjectTagging");
      }
    }
    return actions;
  }

  private static AclRequest acl(S3Request.OnObject request) {
    return switch (request) {
      case S3Request.PutObject r -> r.acl();
      case S3Request.CopyObject r -> r.acl();
      case S3Request.CreateMultipartUpload r -> r.acl();
      case S3Request.OnObject _ -> new AclRequest.None();
    };
  }

  private static boolean isAboutPolicy(S3Request.InBucket request) {
    return switch (request) {
      case S3Request.GetBucketSetting r -> r.what() == BucketSetting.POLICY;
      case S3Request.PutBucketSetting r -> r.what() == BucketSetting.POLICY;
      case S3Request.DeleteBucketSetting r -> r.what() == BucketSetting.POLICY;
      case S3Request.InBucket _ -> false;
    };
  }

  // --- tags

  private RequestKeys.Tags tags(Arrival arrival, Bucket bucket, S3Request.InBucket request) {
    if (!(request instanceof S3Request.OnObject on)) {
      return RequestKeys.Tags.NONE;
    }
    ObjectKey key = new ObjectKey(bucket.id(), on.name().key());
    return new RequestKeys.Tags(() -> tags(key, on.version()), () -> requested(arrival, on));
  }

  /** The tags of the version a request is to; of the present one if it names none. */
  private List<Tag> tags(ObjectKey key, @Nullable VersionId id) {
    Objects objects = model.objects().objects();
    Deadline deadline = Deadline.after(clock, LOOKUP_MAX);
    Objects.Sight sight =
        id == null
            ? objects.present(key, false, deadline)
            : objects.version(key, id, false, deadline);
    return sight instanceof Objects.Found found ? found.object().annotations().tags() : List.of();
  }

  private static List<Tag> requested(Arrival arrival, S3Request.OnObject request) {
    if (request instanceof S3Request.PutObjectTagging) {
      byte[] body = arrival.body().peek(Tagging.BYTES_MAX);
      return body == null ? List.of() : Tagging.parse(body).tags();
    }
    return headerTags(request);
  }

  private static List<Tag> headerTags(S3Request.OnObject request) {
    return switch (request) {
      case S3Request.PutObject r -> r.tags();
      case S3Request.CreateMultipartUpload r -> r.tags();
      case S3Request.CopyObject r -> r.tags() == null ? List.of() : r.tags();
      case S3Request.OnObject _ -> List.of();
    };
  }

  // --- keys and names

  private Optional<AccessKey> key(String id) {
    long now = clock.wallMillis();
    return model.keys().get(id, key -> !key.isExpired(now), Deadline.after(clock, LOOKUP_MAX));
  }

  private static RuntimeException missing(String name) {
    return BucketName.isValid(name)
        ? S3Error.of(S3ErrorCode.NO_SUCH_BUCKET).with("BucketName", name).exception()
        : BucketHandler.invalidName(name);
  }
}
