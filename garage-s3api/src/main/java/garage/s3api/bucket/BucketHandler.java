package garage.s3api.bucket;

import garage.common.env.Deadline;
import garage.http.Headers;
import garage.http.HttpResponse;
import garage.http.UriEncoding;
import garage.http.sigv4.Payload;
import garage.model.Model;
import garage.model.bucket.Alias;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketName;
import garage.model.bucket.Buckets;
import garage.model.bucket.Permissions;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.model.object.VersionScan;
import garage.model.object.Versioning;
import garage.s3api.acl.Ownership;
import garage.s3api.body.Documents;
import garage.s3api.call.Call;
import garage.s3api.call.Caller;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.call.S3Settings;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.AclRequest;
import garage.s3api.request.BodyClaim;
import garage.s3api.request.S3Request;
import garage.s3api.xml.CreateBucketDocument;
import garage.s3api.xml.ListAllMyBucketsResult;
import garage.s3api.xml.LocationConstraint;
import garage.s3api.xml.UnsetDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The operations on buckets as such. */
public final class BucketHandler {
  /** AWS's oldest region, where making one's own bucket again is no error. */
  private static final String FIRST_REGION = "us-east-1";

  private final Model model;
  private final Ownership ownership;
  private final Runner runner;
  private final S3Settings settings;

  public BucketHandler(Model model, Ownership ownership, Runner runner, S3Settings settings) {
    this.model = model;
    this.ownership = ownership;
    this.runner = runner;
    this.settings = settings;
  }

  /** Lists the caller's buckets, in pages after the name the token is. */
  public HttpResponse list(Caller caller, S3Request.ListBuckets request) {
    String prefix = request.prefix() == null ? "" : request.prefix();
    String after = request.token() == null ? "" : request.token();
    List<ListAllMyBucketsResult.Bucket> page = new ArrayList<>();
    String next = null;
    for (Map.Entry<String, Bucket> entry : model.buckets().visibleTo(caller.id()).entrySet()) {
      String name = entry.getKey();
      if (name.startsWith(prefix) && name.compareTo(after) > 0) {
        if (page.size() == request.maxBuckets()) {
          next = page.isEmpty() ? null : page.getLast().name();
          break;
        }
        page.add(
            new ListAllMyBucketsResult.Bucket(
                name, entry.getValue().created().instant(), settings.region()));
      }
    }
    return Replies.xml(new ListAllMyBucketsResult(caller.owner(), page, request.prefix(), next));
  }

  /** Makes a bucket, of which the caller may do everything. */
  public HttpResponse create(Caller caller, S3Request.CreateBucket request, Payload body) {
    checkLocation(body, request.claim());
    if (!BucketName.isValid(request.bucket())) {
      throw invalidName(request.bucket());
    }
    Buckets.Creation creation =
        model
            .buckets()
            .create(
                request.bucket(),
                caller.id(),
                ownership.newBucket(caller.id(), request.acl(), request.ownership()),
                runner.metadata());
    if (creation instanceof Buckets.Creation.Taken(Bucket holder)) {
      checkRetaken(caller, holder, request);
    }
    String location = "/" + UriEncoding.encode(request.bucket());
    return HttpResponse.empty(200, Headers.of("Location", location));
  }

  /** That no bucket can have this name. */
  public static RuntimeException invalidName(String name) {
    return S3Error.of(S3ErrorCode.INVALID_BUCKET_NAME).with("BucketName", name).exception();
  }

  /** Answers that a bucket is there. */
  public HttpResponse head() {
    return HttpResponse.empty(200, Headers.of("x-amz-bucket-region", settings.region()));
  }

  /** Answers where a bucket is. */
  public HttpResponse location() {
    return Replies.xml(new LocationConstraint(settings.region()));
  }

  /**
   * What AWS says of locking in a bucket that keeps no versions; where it does, that is missing.
   */
  public static RuntimeException notLocking(Bucket bucket) {
    return bucket.versioning() == Versioning.ENABLED
        ? S3ErrorCode.NOT_IMPLEMENTED.because("PutObjectLockConfiguration is not implemented")
        : S3ErrorCode.INVALID_BUCKET_STATE.because(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
  }

  /** What AWS says of an object's lock where the bucket has no configuration for it. */
  public static RuntimeException withoutLocks() {
    return S3ErrorCode.INVALID_REQUEST.because("Bucket is missing Object Lock Configuration");
  }

  /** Answers that something is not configured. */
  public HttpResponse unset(S3Request.GetUnsetConfiguration request) {
    String root = request.what().root(request.byId());
    if (root == null) {
      throw S3Error.of(request.what().missing()).with("BucketName", request.bucket()).exception();
    }
    return Replies.xml(new UnsetDocument(root, request.what().several()));
  }

  /** Takes away the name used; with the last name goes the bucket, if it is empty. */
  public HttpResponse delete(Call call, S3Request.DeleteBucket request) {
    Bucket bucket = call.bucket();
    Buckets buckets = model.buckets();
    List<Alias> names = buckets.names(bucket.id(), runner.metadata());
    if (names.size() > 1) {
      buckets.removeName(
          bucket.id(),
          scope(names, request.bucket(), call.caller().id()),
          request.bucket(),
          runner.metadata());
      return Replies.noContent();
    }
    return switch (buckets.delete(bucket, this::isEmpty, runner.metadata())) {
      case DELETED -> Replies.noContent();
      case NOT_EMPTY ->
          throw S3Error.of(S3ErrorCode.BUCKET_NOT_EMPTY)
              .with("BucketName", request.bucket())
              .exception();
    };
  }

  /** Whether there are no objects; gives uploads in progress up then, which nothing could find. */
  private boolean isEmpty(Bucket bucket) {
    Deadline deadline = runner.list();
    try (VersionScan.Cursor versions =
        model.objects().objects().versions(bucket.id(), "", deadline)) {
      if (versions.next() != null) {
        return false;
      }
    }
    Uploads uploads = model.objects().uploads();
    try (Uploads.Cursor cursor = uploads.list(bucket.id(), deadline)) {
      for (Upload u = cursor.next(); u != null; u = cursor.next()) {
        if (!uploads.abort(u.object(), u.id(), deadline)) {
          return false; // it has become an object
        }
      }
    }
    return true;
  }

  private static String scope(List<Alias> names, String name, String keyId) {
    boolean own = names.stream().anyMatch(a -> a.name().equals(name) && a.scope().equals(keyId));
    return own ? keyId : Alias.GLOBAL;
  }

  private void checkRetaken(Caller caller, Bucket holder, S3Request.CreateBucket request) {
    String name = request.bucket();
    Permissions permissions = holder.permissions(caller.id());
    if (!permissions.owner() && !permissions.write()) {
      throw S3Error.of(S3ErrorCode.BUCKET_ALREADY_EXISTS).with("BucketName", name).exception();
    }
    boolean same = request.acl() instanceof AclRequest.None && request.ownership() == null;
    if (!same || !settings.region().equals(FIRST_REGION)) {
      throw S3Error.of(S3ErrorCode.BUCKET_ALREADY_OWNED_BY_YOU)
          .with("BucketName", name)
          .exception();
    }
  }

  private void checkLocation(Payload body, BodyClaim claim) {
    byte[] document = Documents.read(body, claim, CreateBucketDocument.BYTES_MAX);
    if (document == null) {
      throw S3ErrorCode.MALFORMED_XML.exception();
    }
    String location = CreateBucketDocument.parse(document).locationConstraint();
    if (location != null && !location.isEmpty() && !location.equals(settings.region())) {
      throw S3Error.of(S3ErrorCode.INVALID_LOCATION_CONSTRAINT)
          .with("LocationConstraint", location)
          .exception();
    }
  }
}
