package garage.s3api.acl;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.acl.Acl;
import garage.model.acl.BucketAcl;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import garage.model.key.CanonicalId;
import garage.model.object.Annotations;
import garage.model.object.ObjectKey;
import garage.model.object.Objects;
import garage.s3api.body.Documents;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.call.Source;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.find.Sights;
import garage.s3api.request.AclRequest;
import garage.s3api.request.BodyClaim;
import garage.s3api.request.S3Request;
import garage.s3api.xml.AccessControlPolicy;
import garage.s3api.xml.Owner;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** GetBucketAcl, PutBucketAcl, GetObjectAcl and PutObjectAcl. */
public final class AclHandler {
  private final Buckets buckets;
  private final Objects objects;
  private final Sights sights;
  private final Ownership ownership;
  private final Runner runner;

  public AclHandler(Buckets buckets, Objects objects, Ownership ownership, Runner runner) {
    this.buckets = buckets;
    this.objects = objects;
    this.sights = new Sights(objects, runner);
    this.ownership = ownership;
    this.runner = runner;
  }

  /** Answers with whom a bucket is shared. */
  public HttpResponse get(Call call) {
    return reply(ownership.owner(call.bucket()), ownership.acl(call.bucket()));
  }

  /** Shares a bucket with those whom the headers or the body name. */
  public HttpResponse put(Call call, S3Request.PutBucketAcl request) {
    Bucket bucket = call.bucket();
    Asked asked = asked(call, request.acl(), request.claim());
    if (!ownership.usesAcls(bucket)) {
      ownership.requireOwnersOnly(bucket, asked.acl());
      return done();
    }
    String owner = ownership.owner(bucket);
    requireOwner(asked, owner);
    Acl acl = ownership.bucketAcl(asked.acl(), owner);
    ownership.requireUnblocked(bucket, acl);
    buckets.configure(
        bucket,
        BucketSetting.ACL,
        Optional.of(new BucketAcl(owner, acl).toSetting()),
        runner.metadata());
    return done();
  }

  /** Answers with whom an object is shared. */
  public HttpResponse get(Call call, S3Request.GetObjectAcl request) {
    ObjectKey key = call.key(request.name().key());
    Objects.Found found = sights.find(new Source(key, call.object()), request.version(), false);
    Annotations said = found.object().annotations();
    HttpResponse reply =
        reply(ownership.owner(call.bucket(), said), ownership.acl(call.bucket(), said));
    return Sights.named(call, found, reply);
  }

  /** Shares an object with those whom the headers or the body name. */
  public HttpResponse put(Call call, S3Request.PutObjectAcl request) {
    Bucket bucket = call.bucket();
    Asked asked = asked(call, request.acl(), request.claim());
    if (!ownership.usesAcls(bucket)) {
      ownership.requireOwnersOnly(bucket, asked.acl());
    }
    ObjectKey key = call.key(request.name().key());
    Objects.Sight sight =
        objects.annotate(
            key, request.version(), said -> shared(call, said, asked), runner.metadata());
    return Sights.named(call, Sights.found(sight, key.key(), request.version()), done());
  }

  private Annotations shared(Call call, Annotations said, Asked asked) {
    call.object().check(said);
    Bucket bucket = call.bucket();
    if (!ownership.usesAcls(bucket)) {
      return said;
    }
    requireOwner(asked, said.owner());
    Acl acl = ownership.objectAcl(asked.acl(), said.owner(), ownership.owner(bucket));
    ownership.requireUnblocked(bucket, acl);
    return said.withAcl(acl);
  }

  /**
   * What a request asks for.
   *
   * @param owner whose list the body says it is; null if it does not say
   */
  private record Asked(AclRequest acl, @Nullable Owner owner) {}

  private static Asked asked(Call call, AclRequest headers, BodyClaim claim) {
    byte[] body = Documents.read(call.body(), claim, AccessControlPolicy.BYTES_MAX);
    if (body == null) {
      throw S3ErrorCode.MAX_MESSAGE_LENGTH_EXCEEDED.exception();
    }
    if (!(headers instanceof AclRequest.None)) {
      if (body.length > 0) {
        throw S3ErrorCode.UNEXPECTED_CONTENT.exception();
      }
      return new Asked(headers, null);
    }
    if (body.length == 0) {
      throw S3Error.of(S3ErrorCode.MISSING_SECURITY_HEADER)
          .with("MissingHeaderName", "x-amz-acl")
          .exception();
    }
    AccessControlPolicy document = AccessControlPolicy.parse(body);
    return new Asked(new AclRequest.Grants(document.grants()), document.owner());
  }

  /** Nothing changes hands by a list. */
  private static void requireOwner(Asked asked, String owner) {
    Owner said = asked.owner();
    if (said != null && !said.id().equals(CanonicalId.of(owner)) && !said.id().equals(owner)) {
      throw S3ErrorCode.ACCESS_DENIED.exception();
    }
  }

  private HttpResponse reply(String owner, Acl acl) {
    Grantees grantees = ownership.grantees();
    return Replies.xml(new AccessControlPolicy(grantees.owner(owner), grantees.named(acl)));
  }

  private static HttpResponse done() {
    return HttpResponse.empty(200, Headers.EMPTY);
  }
}
