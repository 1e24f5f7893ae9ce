package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketLifecycleConfiguration;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.GetBucketLifecycleConfigurationResponse;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.waiters.S3Waiter;

/** A bucket's lifecycle through the AWS SDK, on a server for which a day is a second. */
@Timeout(60)
class S3LifecycleTest {
  private static final RequestBody BODY = RequestBody.fromString("body");

  @Test
  void whatHasExpiredGoesByItself(@TempDir Path directory) {
    NodeFiles files = NodeFiles.in(directory).with("lifecycle_day_seconds = 1").write();
    try (ServerUnderTest server =
            new ServerUnderTest(ServerUnderTest.Launch.singleNode(files)).start();
        S3Client s3 = server.client()) {
      s3.putObject(b -> b.bucket(BUCKET).key("kept"), BODY);
      s3.putObject(b -> b.bucket(BUCKET).key("tmp/kept"), BODY);
      s3.putObject(b -> b.bucket(BUCKET).key("tmp/gone").tagging("short=yes"), BODY);
      String upload = s3.createMultipartUpload(b -> b.bucket(BUCKET).key("tmp/upload")).uploadId();
      List<LifecycleRule> rules = List.of(expiring(), aborting());
      s3.putBucketLifecycleConfiguration(
          b -> b.bucket(BUCKET).lifecycleConfiguration(c -> c.rules(rules)));
      GetBucketLifecycleConfigurationResponse got =
          s3.getBucketLifecycleConfiguration(b -> b.bucket(BUCKET));
      assertEquals(rules, got.rules());

      awaitGone(s3, "tmp/gone");
      assertEquals(
          List.of("kept", "tmp/kept"),
          s3.listObjectsV2(b -> b.bucket(BUCKET)).contents().stream().map(S3Object::key).toList());
      awaitNoUpload(s3, upload);
      s3.deleteBucketLifecycle(b -> b.bucket(BUCKET));
      keepsVersions(s3);
    }
  }

  private static LifecycleRule expiring() {
    return LifecycleRule.builder()
        .id("short")
        .status(ExpirationStatus.ENABLED)
        .filter(f ->
            f.and(a ->
                a.prefix("tmp/")
                    .tags(Tag.builder().key("short").value("yes").build())
                    .objectSizeLessThan(5L)))
        .expiration(e -> e.days(1))
        .build();
  }

  private static LifecycleRule aborting() {
    return LifecycleRule.builder()
        .id("uploads")
        .status(ExpirationStatus.ENABLED)
        .filter(f -> f.prefix(""))
        .abortIncompleteMultipartUpload(a -> a.daysAfterInitiation(1))
        .build();
  }

  /** An object is hidden, and the versions that are not the last one go, by one rule. */
  private static void keepsVersions(S3Client s3) {
    s3.putBucketVersioning(b ->
        b.bucket(BUCKET).versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED)));
    for (int i = 0; i < 4; i++) {
      s3.putObject(b -> b.bucket(BUCKET).key("v/key"), BODY);
    }
    LifecycleRule rule =
        LifecycleRule.builder()
            .id("versions")
            .status(ExpirationStatus.ENABLED)
            .filter(f -> f.prefix("v/"))
            .expiration(e -> e.days(1))
            .noncurrentVersionExpiration(n -> n.noncurrentDays(1).newerNoncurrentVersions(1))
            .build();
    BucketLifecycleConfiguration all = BucketLifecycleConfiguration.builder().rules(rule).build();
    s3.putBucketLifecycleConfiguration(b -> b.bucket(BUCKET).lifecycleConfiguration(all));
    String header = s3.headObject(b -> b.bucket(BUCKET).key("v/key")).expiration();
    assertTrue(header.endsWith("rule-id=\"versions\""), header);
    awaitGone(s3, "v/key");
    ListObjectVersionsResponse left =
        Stream.generate(() -> s3.listObjectVersions(b -> b.bucket(BUCKET).prefix("v/")))
            .limit(10_000)
            .filter(listed -> listed.versions().size() == 1)
            .findFirst()
            .orElseThrow();
    assertEquals(1, left.deleteMarkers().size());
    assertTrue(left.deleteMarkers().getFirst().isLatest());
  }

  private static void awaitGone(S3Client s3, String key) {
    try (S3Waiter waiter =
        S3Waiter.builder()
            .client(s3)
            .overrideConfiguration(c ->
                c.maxAttempts(200)
                    .backoffStrategyV2(BackoffStrategy.fixedDelay(Duration.ofMillis(100))))
            .build()) {
      assertTrue(
          waiter
              .waitUntilObjectNotExists(b -> b.bucket(BUCKET).key(key))
              .matched()
              .exception()
              .isPresent());
    }
  }

  private static void awaitNoUpload(S3Client s3, String upload) {
    assertTrue(
        Stream.generate(() -> s3.listMultipartUploads(b -> b.bucket(BUCKET)).uploads())
            .limit(10_000)
            .anyMatch(all -> all.stream().noneMatch(u -> u.uploadId().equals(upload))));
  }
}
