package garage.s3api.access;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.http.HttpRequest;
import garage.http.sigv4.Credentials;
import garage.model.Model;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketName;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Permissions;
import garage.model.key.AccessKey;
import garage.model.object.ObjectKey;
import garage.model.object.Tag;
import garage.s3api.bucket.BucketHandler;
import garage.s3api.bucket.PublicAccessBlock;
import garage.s3api.call.Caller;
import garage.s3api.call.KeyAccess;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.policy.BucketPolicy;
import garage.s3api.policy.PolicyContext;
import garage.s3api.request.CopySource;
import garage.s3api.request.Permission;
import garage.s3api.request.RequestHead;
import garage.s3api.request.S3Request;
import garage.s3api.xml.Tagging;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a caller may do. A bucket's policy is asked first: what it denies is denied, what it
 * allows is allowed; where it is silent, the grants of the caller's key on the bucket decide. The
 * bucket's owner can always read, replace and delete a policy, so that none locks everybody out.
 */
public final class Authorization {
  /** A lookup of an object's tags, for a policy that asks for them. */
  private static final Duration LOOKUP_MAX = Duration.ofSeconds(10);

  private final Model model;
  private final Clock clock;
  private final Policies policies = new Policies();

  public Authorization(Model model, Clock clock) {
    this.model = model;
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
    if (request.permission() == Permission.CREATE_BUCKET && !key.createBucket().value()) {
      throw S3ErrorCode.ACCESS_DENIED.because(
          "Access key " + caller.id() + " is not allowed to create buckets");
    }
  }

  /** The bucket a request is to, if the caller may make it. */
  public Bucket bucket(Arrival arrival, S3Request.InBucket request) {
    Bucket bucket = resolve(arrival.caller(), request.bucket(), arrival.expectedOwner());
    Optional<BucketPolicy> policy = policies.of(bucket);
    boolean perKey = request instanceof S3Request.DeleteObjects && policy.isPresent();
    if (!perKey && !allowed(arrival, bucket, policy, request)) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
    return bucket;
  }

  /** The bucket of a copy's source, if the caller may read it. */
  public Bucket source(Arrival arrival, CopySource source) {
    Bucket bucket = resolve(arrival.caller(), source.name().bucket(), source.expectedOwner());
    ObjectKey key = new ObjectKey(bucket.id(), source.name().key());
    Supplier<List<Tag>> existing = () -> tags(key);
    if (!allows(arrival, bucket, "s3:GetObject", source.name().key(), existing)) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
    return bucket;
  }

  /** Decides on keys that stand in the body of a request to {@code bucket}. */
  public KeyAccess keys(Arrival arrival, Bucket bucket) {
    return (action, key) ->
        allows(arrival, bucket, action, key, () -> tags(new ObjectKey(bucket.id(), key)));
  }

  /** Whether the bucket's policy forbids a request without a signature to read a key. */
  public boolean deniesPublic(HttpRequest http, RequestHead head, Bucket bucket, String key) {
    return policies
        .of(bucket)
        .map(policy -> {
          RequestKeys.Tags tags =
              new RequestKeys.Tags(() -> tags(new ObjectKey(bucket.id(), key)), List::of);
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

  private Bucket resolve(Caller caller, String name, @Nullable String expectedOwner) {
    Bucket bucket =
        model
            .buckets()
            .resolve(
                name, caller.isAnonymous() ? null : caller.id(), Deadline.after(clock, LOOKUP_MAX))
            .orElseThrow(() -> missing(name));
    if (expectedOwner != null && !bucket.permissions(expectedOwner).owner()) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
    return bucket;
  }

  private boolean allowed(
      Arrival arrival, Bucket bucket, Optional<BucketPolicy> policy, S3Request.InBucket request) {
    Permissions granted = granted(arrival.caller(), bucket);
    boolean rescue = granted.owner() && isAboutPolicy(request);
    if (policy.isEmpty() || rescue) {
      return holds(granted, request.permission());
    }
    BucketPolicy.Decision decision =
        decide(
            arrival,
            policy.get(),
            PolicyActions.of(request),
            request instanceof S3Request.OnObject on ? on.name().key() : null,
            tags(arrival, bucket, request));
    return conclude(decision, policy.get(), bucket, holds(granted, request.permission()));
  }

  private boolean allows(
      Arrival arrival, Bucket bucket, String action, String key, Supplier<List<Tag>> existing) {
    Permission needed = action.equals("s3:GetObject") ? Permission.READ : Permission.WRITE;
    boolean held = holds(granted(arrival.caller(), bucket), needed);
    return policies
        .of(bucket)
        .map(policy ->
            conclude(
                decide(arrival, policy, action, key, new RequestKeys.Tags(existing, List::of)),
                policy,
                bucket,
                held))
        .orElse(held);
  }

  private BucketPolicy.Decision decide(
      Arrival arrival,
      BucketPolicy policy,
      String action,
      @Nullable String key,
      RequestKeys.Tags tags) {
    RequestKeys keys =
        new RequestKeys(arrival.http(), arrival.head(), arrival.caller(), clock.now(), tags);
    String resource =
        key == null ? PolicyContext.arn(policy.bucket()) : PolicyContext.arn(policy.bucket(), key);
    return policy.decide(new PolicyContext(arrival.caller().identity(), action, resource, keys));
  }

  private static boolean conclude(
      BucketPolicy.Decision decision, BucketPolicy policy, Bucket bucket, boolean granted) {
    return switch (decision) {
      case DENIED -> false;
      case SILENT -> granted;
      case ALLOWED -> granted || !(policy.isPublic() && restrictsPublic(bucket));
    };
  }

  private static boolean restrictsPublic(Bucket bucket) {
    return bucket
        .setting(BucketSetting.PUBLIC_ACCESS_BLOCK)
        .filter(setting -> PublicAccessBlock.ofSetting(setting).restrictPublicBuckets())
        .isPresent();
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
      return new RequestKeys.Tags(List::of, List::of);
    }
    ObjectKey key = new ObjectKey(bucket.id(), on.name().key());
    return new RequestKeys.Tags(() -> tags(key), () -> requested(arrival, on));
  }

  private List<Tag> tags(ObjectKey key) {
    return model
        .objects()
        .objects()
        .head(key, Deadline.after(clock, LOOKUP_MAX))
        .map(found -> found.object().annotations().tags())
        .orElse(List.of());
  }

  private static List<Tag> requested(Arrival arrival, S3Request.OnObject request) {
    return switch (request) {
      case S3Request.PutObject r -> r.tags();
      case S3Request.CreateMultipartUpload r -> r.tags();
      case S3Request.CopyObject r -> r.tags() == null ? List.of() : r.tags();
      case S3Request.PutObjectTagging _ -> {
        byte[] body = arrival.body().peek(Tagging.BYTES_MAX);
        yield body == null ? List.of() : Tagging.parse(body).tags();
      }
      case S3Request.OnObject _ -> List.of();
    };
  }

  // --- grants

  private Optional<AccessKey> key(String id) {
    return model
        .keys()
        .get(id, Deadline.after(clock, LOOKUP_MAX))
        .filter(k -> !k.isExpired(clock.wallMillis()));
  }

  private static Permissions granted(Caller caller, Bucket bucket) {
    return caller.isAnonymous() ? Permissions.NONE : bucket.permissions(caller.id());
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
