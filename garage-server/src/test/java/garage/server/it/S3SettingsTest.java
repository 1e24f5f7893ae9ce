package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static garage.server.it.ServerUnderTest.KEY_ID;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAccelerateStatus;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CORSRule;
import software.amazon.awssdk.services.s3.model.GetBucketAclResponse;
import software.amazon.awssdk.services.s3.model.GetBucketWebsiteResponse;
import software.amazon.awssdk.services.s3.model.Grant;
import software.amazon.awssdk.services.s3.model.MFADelete;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectOwnership;
import software.amazon.awssdk.services.s3.model.OwnershipControlsRule;
import software.amazon.awssdk.services.s3.model.Payer;
import software.amazon.awssdk.services.s3.model.Permission;
import software.amazon.awssdk.services.s3.model.PublicAccessBlockConfiguration;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;
import software.amazon.awssdk.services.s3.model.Tag;

/** What is configured of buckets and objects, through the AWS SDK as it comes. */
class S3SettingsTest extends SingleNodeTest {

  @Test
  void tagsOfABucketAndOfAnObject() {
    List<Tag> tags = List.of(Tag.builder().key("team").value("data: more").build());
    assertRefused(404, "NoSuchTagSet", () -> s3.getBucketTagging(b -> b.bucket(BUCKET)));
    s3.putBucketTagging(b -> b.bucket(BUCKET).tagging(t -> t.tagSet(tags)));
    assertEquals(tags, s3.getBucketTagging(b -> b.bucket(BUCKET)).tagSet());
    s3.deleteBucketTagging(b -> b.bucket(BUCKET));
    assertRefused(404, "NoSuchTagSet", () -> s3.getBucketTagging(b -> b.bucket(BUCKET)));
    put("tagged");
    s3.putObjectTagging(b -> b.bucket(BUCKET).key("tagged").tagging(t -> t.tagSet(tags)));
    assertEquals(tags, s3.getObjectTagging(b -> b.bucket(BUCKET).key("tagged")).tagSet());
    s3.deleteObjectTagging(b -> b.bucket(BUCKET).key("tagged"));
    assertEquals(List.of(), s3.getObjectTagging(b -> b.bucket(BUCKET).key("tagged")).tagSet());
  }

  @Test
  void corsIsAnsweredToBrowsers() throws Exception {
    CORSRule rule =
        CORSRule.builder()
            .allowedOrigins("https://*.example.com")
            .allowedMethods("GET", "PUT")
            .allowedHeaders("x-amz-*")
            .exposeHeaders("ETag")
            .maxAgeSeconds(60)
            .build();
    s3.putBucketCors(b -> b.bucket(BUCKET).corsConfiguration(c -> c.corsRules(rule)));
    assertEquals(List.of(rule), s3.getBucketCors(b -> b.bucket(BUCKET)).corsRules());
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest preflight =
          HttpRequest.newBuilder(URI.create(server.files().endpoint() + "/" + BUCKET + "/k"))
              .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
              .header("Origin", "https://a.example.com")
              .header("Access-Control-Request-Method", "PUT")
              .build();
      var reply = http.send(preflight, BodyHandlers.ofString());
      assertEquals(200, reply.statusCode(), reply.body());
      assertEquals(
          List.of("https://a.example.com"),
          reply.headers().allValues("access-control-allow-origin"));
    }
    s3.deleteBucketCors(b -> b.bucket(BUCKET));
    assertRefused(404, "NoSuchCORSConfiguration", () -> s3.getBucketCors(b -> b.bucket(BUCKET)));
  }

  @Test
  void aPolicyLetsThePublicInUntilThePublicAccessBlockForbidsIt() throws Exception {
    s3.createBucket(b -> b.bucket("policies"));
    s3.putObject(b -> b.bucket("policies").key("k"), RequestBody.fromString("public"));
    String policy =
        """
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::policies/*"}]}
        """;
    assertEquals(403, anonymously("policies/k"));
    s3.putBucketPolicy(b -> b.bucket("policies").policy(policy));
    assertEquals(policy, s3.getBucketPolicy(b -> b.bucket("policies")).policy());
    assertTrue(s3.getBucketPolicyStatus(b -> b.bucket("policies")).policyStatus().isPublic());
    assertEquals(200, anonymously("policies/k"));
    PublicAccessBlockConfiguration block =
        PublicAccessBlockConfiguration.builder()
            .blockPublicAcls(false)
            .ignorePublicAcls(false)
            .blockPublicPolicy(true)
            .restrictPublicBuckets(true)
            .build();
    s3.putPublicAccessBlock(b -> b.bucket("policies").publicAccessBlockConfiguration(block));
    assertEquals(
        block, s3.getPublicAccessBlock(b -> b.bucket("policies")).publicAccessBlockConfiguration());
    assertEquals(403, anonymously("policies/k"));
    assertRefused(
        403, "AccessDenied", () -> s3.putBucketPolicy(b -> b.bucket("policies").policy(policy)));
    s3.deletePublicAccessBlock(b -> b.bucket("policies"));
    assertEquals(200, anonymously("policies/k"));
    s3.deleteBucketPolicy(b -> b.bucket("policies"));
    assertEquals(403, anonymously("policies/k"));
    assertRefused(404, "NoSuchBucketPolicy", () -> s3.getBucketPolicy(b -> b.bucket("policies")));
  }

  @Test
  void listsCountOnceABucketLetsItsWritersOwn() throws Exception {
    s3.createBucket(b -> b.bucket("lists").objectOwnership(ObjectOwnership.BUCKET_OWNER_ENFORCED));
    s3.putObject(b -> b.bucket("lists").key("k"), RequestBody.fromString("shared"));
    assertRefused(
        400,
        "AccessControlListNotSupported",
        () -> s3.putBucketAcl(b -> b.bucket("lists").acl(BucketCannedACL.PUBLIC_READ)));
    s3.putBucketOwnershipControls(b ->
        b.bucket("lists")
            .ownershipControls(c ->
                c.rules(
                    OwnershipControlsRule.builder()
                        .objectOwnership(ObjectOwnership.OBJECT_WRITER)
                        .build())));
    assertEquals(
        ObjectOwnership.OBJECT_WRITER,
        s3.getBucketOwnershipControls(b -> b.bucket("lists"))
            .ownershipControls()
            .rules()
            .getFirst()
            .objectOwnership());
    s3.putBucketAcl(b -> b.bucket("lists").acl(BucketCannedACL.PUBLIC_READ));
    GetBucketAclResponse acl = s3.getBucketAcl(b -> b.bucket("lists"));
    assertEquals(
        List.of(Permission.FULL_CONTROL, Permission.READ),
        acl.grants().stream().map(Grant::permission).sorted().toList());
    assertEquals(200, anonymously("lists"));
    assertEquals(403, anonymously("lists/k"));
    s3.putObjectAcl(b -> b.bucket("lists").key("k").acl(ObjectCannedACL.PUBLIC_READ));
    assertEquals(2, s3.getObjectAcl(b -> b.bucket("lists").key("k")).grants().size());
    assertEquals(200, anonymously("lists/k"));
    s3.putObjectAcl(b ->
        b.bucket("lists")
            .key("k")
            .accessControlPolicy(p -> p.owner(acl.owner()).grants(acl.grants().getLast())));
    assertEquals(403, anonymously("lists/k"));
    s3.deleteBucketOwnershipControls(b -> b.bucket("lists"));
    assertRefused(
        404,
        "OwnershipControlsNotFoundError",
        () -> s3.getBucketOwnershipControls(b -> b.bucket("lists")));
  }

  @Test
  void aWebSiteIsKept() {
    s3.putBucketWebsite(b ->
        b.bucket(BUCKET)
            .websiteConfiguration(w ->
                w.indexDocument(i -> i.suffix("index.html")).errorDocument(e -> e.key("404"))));
    GetBucketWebsiteResponse site = s3.getBucketWebsite(b -> b.bucket(BUCKET));
    assertEquals("index.html", site.indexDocument().suffix());
    assertEquals("404", site.errorDocument().key());
    s3.deleteBucketWebsite(b -> b.bucket(BUCKET));
    assertRefused(
        404, "NoSuchWebsiteConfiguration", () -> s3.getBucketWebsite(b -> b.bucket(BUCKET)));
  }

  @Test
  void whatCannotBeConfiguredReadsAsNeverSet() {
    assertEquals(Payer.BUCKET_OWNER, s3.getBucketRequestPayment(b -> b.bucket(BUCKET)).payer());
    assertEquals(null, s3.getBucketAccelerateConfiguration(b -> b.bucket(BUCKET)).status());
    assertEquals(null, s3.getBucketLogging(b -> b.bucket(BUCKET)).loggingEnabled());
    assertFalse(
        s3.getBucketNotificationConfiguration(b -> b.bucket(BUCKET)).hasQueueConfigurations());
    assertFalse(s3.listBucketAnalyticsConfigurations(b -> b.bucket(BUCKET)).isTruncated());
    assertFalse(s3.listBucketInventoryConfigurations(b -> b.bucket(BUCKET)).isTruncated());
    assertFalse(s3.listBucketMetricsConfigurations(b -> b.bucket(BUCKET)).isTruncated());
    assertFalse(s3.listBucketIntelligentTieringConfigurations(b -> b.bucket(BUCKET)).isTruncated());
    missing(
        "NoSuchConfiguration", c -> c.getBucketMetricsConfiguration(b -> b.bucket(BUCKET).id("i")));
    missing(
        "ServerSideEncryptionConfigurationNotFoundError",
        c -> c.getBucketEncryption(b -> b.bucket(BUCKET)));
    missing(
        "ReplicationConfigurationNotFoundError",
        c -> c.getBucketReplication(b -> b.bucket(BUCKET)));
    missing(
        "ObjectLockConfigurationNotFoundError",
        c -> c.getObjectLockConfiguration(b -> b.bucket(BUCKET)));
    s3.deleteBucketEncryption(b -> b.bucket(BUCKET));
    s3.deleteBucketReplication(b -> b.bucket(BUCKET));
  }

  @Test
  void whatCannotBeConfiguredIsRefused() {
    put("refused");
    notImplemented(c ->
        c.putBucketAccelerateConfiguration(b ->
            b.bucket(BUCKET)
                .accelerateConfiguration(a -> a.status(BucketAccelerateStatus.ENABLED))));
    ServerSideEncryptionRule byDefault =
        ServerSideEncryptionRule.builder()
            .applyServerSideEncryptionByDefault(d -> d.sseAlgorithm(ServerSideEncryption.AES256))
            .build();
    notImplemented(c ->
        c.putBucketEncryption(
            b -> b.bucket(BUCKET).serverSideEncryptionConfiguration(e -> e.rules(byDefault))));
    notImplemented(c ->
        c.putBucketLogging(b ->
            b.bucket(BUCKET)
                .bucketLoggingStatus(
                    l -> l.loggingEnabled(e -> e.targetBucket(BUCKET).targetPrefix("log/")))));
    notImplemented(c ->
        c.putBucketNotificationConfiguration(b ->
            b.bucket(BUCKET).notificationConfiguration(n -> n.eventBridgeConfiguration(e -> {}))));
    notImplemented(c ->
        c.putBucketRequestPayment(
            b -> b.bucket(BUCKET).requestPaymentConfiguration(p -> p.payer(Payer.REQUESTER))));
    notImplemented(c -> c.restoreObject(b -> b.bucket(BUCKET).key("refused")));
    notImplemented(c -> c.getObjectTorrent(b -> b.bucket(BUCKET).key("refused")));
    notImplemented(c ->
        c.putBucketVersioning(b ->
            b.bucket(BUCKET)
                .mfa("1 2")
                .versioningConfiguration(v -> v.mfaDelete(MFADelete.ENABLED))));
    notImplemented(c ->
        c.putObject(
            b -> b.bucket(BUCKET).key("k").serverSideEncryption(ServerSideEncryption.AES256),
            RequestBody.empty()));
    assertRefused(
        409,
        "InvalidBucketState",
        () ->
            s3.putObjectLockConfiguration(b ->
                b.bucket(BUCKET)
                    .objectLockConfiguration(l -> l.objectLockEnabled(ObjectLockEnabled.ENABLED))));
    assertRefused(
        400,
        "InvalidRequest",
        () ->
            s3.putObjectLegalHold(b ->
                b.bucket(BUCKET)
                    .key("refused")
                    .legalHold(h -> h.status(ObjectLockLegalHoldStatus.ON))));
    assertRefused(
        400, "InvalidRequest", () -> s3.getObjectRetention(b -> b.bucket(BUCKET).key("refused")));
  }

  private static void put(String key) {
    s3.putObject(b -> b.bucket(BUCKET).key(key), RequestBody.fromString(KEY_ID));
  }

  private static int anonymously(String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create(server.files().endpoint() + "/" + path);
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
    }
  }

  private static void missing(String code, Consumer<S3Client> call) {
    assertRefused(404, code, () -> call.accept(s3));
  }

  private static void notImplemented(Consumer<S3Client> call) {
    assertRefused(501, "NotImplemented", () -> call.accept(s3));
  }
}
