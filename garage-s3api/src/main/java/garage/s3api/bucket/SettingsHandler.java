package garage.s3api.bucket;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import garage.model.bucket.Website;
import garage.model.lifecycle.Lifecycle;
import garage.s3api.acl.Ownership;
import garage.s3api.acl.PublicAccessBlock;
import garage.s3api.body.Documents;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.cors.CorsRules;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.policy.BucketPolicy;
import garage.s3api.policy.PolicyParser;
import garage.s3api.request.BodyClaim;
import garage.s3api.request.S3Request;
import garage.s3api.request.TagRules;
import garage.s3api.xml.CorsConfiguration;
import garage.s3api.xml.LifecycleConfiguration;
import garage.s3api.xml.OwnershipControls;
import garage.s3api.xml.PolicyStatus;
import garage.s3api.xml.PublicAccessBlockConfiguration;
import garage.s3api.xml.Tagging;
import garage.s3api.xml.VersioningConfiguration;
import garage.s3api.xml.WebsiteConfiguration;
import garage.s3api.xml.XmlDocument;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads, sets and takes away what can be configured of a bucket. */
public final class SettingsHandler {
  private final Buckets buckets;
  private final Ownership ownership;
  private final Runner runner;

  public SettingsHandler(Buckets buckets, Ownership ownership, Runner runner) {
    this.buckets = buckets;
    this.ownership = ownership;
    this.runner = runner;
  }

  /** Answers what is configured. */
  public HttpResponse get(Call call, S3Request.GetBucketSetting request) {
    if (request.what() == BucketSetting.OWNERSHIP_CONTROLS) {
      return Replies.xml(controls(call.bucket(), request.bucket()));
    }
    String setting = require(call.bucket(), request.what(), request.bucket());
    return switch (request.what()) {
      case ACL, OWNERSHIP_CONTROLS -> throw readOtherwise();
      case CORS -> Replies.xml(CorsConfiguration.parse(setting.getBytes(StandardCharsets.UTF_8)));
      case LIFECYCLE -> Replies.xml(new LifecycleConfiguration(Lifecycle.ofSetting(setting)));
      case POLICY ->
          HttpResponse.bytes(
              200,
              Headers.of("Content-Type", "application/json"),
              BucketPolicy.ofSetting(setting).text().getBytes(StandardCharsets.UTF_8));
      case PUBLIC_ACCESS_BLOCK -> Replies.xml(PublicAccessBlock.ofSetting(setting).document());
      case TAGGING -> Replies.xml(tagging(setting.getBytes(StandardCharsets.UTF_8)));
      case VERSIONING -> versioning(call);
      case WEBSITE -> Replies.xml(new WebsiteConfiguration(Website.ofSetting(setting)));
    };
  }

  /** Answers whether a bucket keeps versions, which it need never have been told. */
  public HttpResponse versioning(Call call) {
    return Replies.xml(new VersioningConfiguration(call.bucket().versioning()));
  }

  /** Answers whether a bucket's policy or access control list lets the public in. */
  public HttpResponse policyStatus(Call call) {
    Bucket bucket = call.bucket();
    boolean byPolicy =
        bucket
            .setting(BucketSetting.POLICY)
            .filter(setting -> BucketPolicy.ofSetting(setting).isPublic())
            .isPresent();
    boolean byAcl =
        ownership.acl(bucket).isPublic() && !PublicAccessBlock.of(bucket).ignorePublicAcls();
    return Replies.xml(new PolicyStatus(byPolicy || byAcl));
  }

  /** Configures a bucket with what stands in the body. */
  public HttpResponse put(Call call, S3Request.PutBucketSetting request) {
    String setting =
        switch (request.what()) {
          case ACL, LIFECYCLE -> throw readOtherwise();
          case OWNERSHIP_CONTROLS ->
              ownership.controls(
                  call.bucket(),
                  OwnershipControls.parse(
                      body(call, request.claim(), OwnershipControls.BYTES_MAX)));
          case CORS ->
              text(
                  CorsRules.checked(
                      CorsConfiguration.parse(
                          body(call, request.claim(), CorsConfiguration.BYTES_MAX))));
          case POLICY -> policy(call, request);
          case PUBLIC_ACCESS_BLOCK -> {
            byte[] body = body(call, request.claim(), PublicAccessBlockConfiguration.BYTES_MAX);
            yield PublicAccessBlock.of(PublicAccessBlockConfiguration.parse(body)).toSetting();
          }
          case TAGGING -> text(tagging(body(call, request.claim(), Tagging.BYTES_MAX)));
          case VERSIONING ->
              VersioningConfiguration.parse(
                      body(call, request.claim(), VersioningConfiguration.BYTES_MAX))
                  .versioning()
                  .name();
          case WEBSITE ->
              WebsiteConfiguration.parse(
                      body(call, request.claim(), WebsiteConfiguration.BYTES_MAX))
                  .site()
                  .toSetting();
        };
    buckets.configure(call.bucket(), request.what(), Optional.of(setting), runner.metadata());
    return switch (request.what()) {
      case ACL, CORS, LIFECYCLE, OWNERSHIP_CONTROLS, PUBLIC_ACCESS_BLOCK, VERSIONING, WEBSITE ->
          HttpResponse.empty(200, Headers.EMPTY);
      case POLICY, TAGGING -> Replies.noContent();
    };
  }

  /** Says what becomes of a bucket's objects in time. */
  public HttpResponse put(Call call, S3Request.PutBucketLifecycleConfiguration request) {
    byte[] body = body(call, request.claim(), LifecycleConfiguration.BYTES_MAX);
    LifecycleConfiguration document = LifecycleConfiguration.parse(body, request.sizes());
    Lifecycle lifecycle = document.lifecycle();
    lifecycle
        .rules()
        .forEach(rule -> TagRules.checked(rule.filter().tags(), TagRules.OBJECT_TAGS_MAX));
    Optional<String> setting = Optional.of(lifecycle.toSetting());
    buckets.configure(call.bucket(), BucketSetting.LIFECYCLE, setting, runner.metadata());
    Headers.Builder headers = Headers.builder();
    document.headers().forEach(headers::add);
    return HttpResponse.empty(200, headers.build());
  }

  /** Takes a configuration away; that there is none is no error. */
  public HttpResponse delete(Call call, S3Request.DeleteBucketSetting request) {
    if (request.what() == BucketSetting.OWNERSHIP_CONTROLS) {
      Optional<String> none = Optional.of(Ownership.NO_CONTROLS);
      buckets.configure(call.bucket(), request.what(), none, runner.metadata());
    } else if (call.bucket().setting(request.what()).isPresent()) {
      buckets.configure(call.bucket(), request.what(), Optional.empty(), runner.metadata());
    }
    return Replies.noContent();
  }

  private static String policy(Call call, S3Request.PutBucketSetting request) {
    byte[] body = Documents.read(call.body(), request.claim(), PolicyParser.BYTES_MAX);
    if (body == null) {
      throw S3ErrorCode.MALFORMED_POLICY.because(
          "Policy exceeds the maximum allowed document size.");
    }
    BucketPolicy policy =
        PolicyParser.parse(new String(body, StandardCharsets.UTF_8), request.bucket());
    if (PublicAccessBlock.of(call.bucket()).blockPublicPolicy() && policy.isPublic()) {
      throw S3ErrorCode.ACCESS_DENIED.because(
          "The policy is public, which the bucket's public access block forbids");
    }
    return policy.toSetting();
  }

  private OwnershipControls controls(Bucket bucket, String name) {
    return ownership
        .controls(bucket)
        .map(OwnershipControls::new)
        .orElseThrow(() ->
            S3Error.of(S3ErrorCode.NO_SUCH_OWNERSHIP_CONTROLS)
                .with("BucketName", name)
                .exception());
  }

  private static RuntimeException readOtherwise() {
    return new IllegalStateException("has requests of its own");
  }

  private static String text(XmlDocument document) {
    return new String(document.toXml(), StandardCharsets.UTF_8);
  }

  private static Tagging tagging(byte[] document) {
    Tagging tagging = Tagging.parse(document);
    TagRules.checked(tagging.tags(), TagRules.BUCKET_TAGS_MAX);
    return tagging;
  }

  private static byte[] body(Call call, BodyClaim claim, int max) {
    byte[] body = Documents.read(call.body(), claim, max);
    if (body == null) {
      throw S3ErrorCode.MALFORMED_XML.exception();
    }
    if (body.length == 0) {
      throw S3ErrorCode.MISSING_REQUEST_BODY.exception();
    }
    return body;
  }

  private static String require(Bucket bucket, BucketSetting setting, String name) {
    S3ErrorCode missing =
        switch (setting) {
          case ACL -> throw readOtherwise();
          case OWNERSHIP_CONTROLS -> S3ErrorCode.NO_SUCH_OWNERSHIP_CONTROLS;
          case CORS -> S3ErrorCode.NO_SUCH_CORS_CONFIGURATION;
          case LIFECYCLE -> S3ErrorCode.NO_SUCH_LIFECYCLE_CONFIGURATION;
          case POLICY -> S3ErrorCode.NO_SUCH_BUCKET_POLICY;
          case PUBLIC_ACCESS_BLOCK -> S3ErrorCode.NO_SUCH_PUBLIC_ACCESS_BLOCK;
          case TAGGING -> S3ErrorCode.NO_SUCH_TAG_SET;
          case VERSIONING -> S3ErrorCode.NO_SUCH_CONFIGURATION;
          case WEBSITE -> S3ErrorCode.NO_SUCH_WEBSITE_CONFIGURATION;
        };
    return bucket
        .setting(setting)
        .orElseThrow(() -> S3Error.of(missing).with("BucketName", name).exception());
  }
}
