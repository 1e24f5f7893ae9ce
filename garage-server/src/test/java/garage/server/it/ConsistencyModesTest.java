package garage.server.it;

import static garage.server.it.ClusterUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * What the documentation says of two copies, and of {@code consistency_mode}, while nodes are away:
 * what goes on, and what is refused with 503 and never answered otherwise.
 */
class ConsistencyModesTest {
  private static final int PATIENCE_SECONDS = 120;
  private static final byte[] SMALL = {1, 2, 3};
  private static final byte[] LARGE = new Content(7, 2_500_000).bytes();
  private static final List<String> BOTH = List.of("first/large", "first/small");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void ofTwoCopiesOneIsEnoughToReadAndNotToWrite() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(directory, 2, "--factor", "2");
        S3Client s3 = client(cluster, 1);
        S3Client other = client(cluster, 2)) {
      put(s3, "first/");
      cluster.kill(2);
      assertReads(s3, "first/");
      assertEquals(BOTH, list(s3));
      assertRefusesWrites(s3);
      cluster.start();
      put(other, "second/");
      assertReads(s3, "second/");
    }
  }

  @Test
  void oneOfThreeCopiesIsReadInDegradedModeAndWrittenInDangerousMode() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(directory, 3);
        S3Client s3 = client(cluster, 1);
        S3Client other = client(cluster, 2)) {
      put(s3, "first/");
      put(other, "elsewhere/");
      cluster.run("stop").succeeded();

      restartAlone(cluster, "degraded");
      assertReads(s3, "first/");
      assertRefusesWrites(s3);

      restartAlone(cluster, "dangerous");
      assertReads(s3, "first/");
      put(s3, "alone/");
      assertReads(s3, "alone/");
      assertTrue(list(s3).containsAll(BOTH));

      restartAlone(cluster, "consistent");
      assertRefuses(
          () -> read(s3, "first/small"), () -> list(s3), () -> put(s3, "refused/again", SMALL));

      cluster.start();
      awaitReads(other, "alone/"); // not at once: nobody else was asked
      assertReads(other, "elsewhere/");
    }
  }

  private static S3Client client(ClusterUnderTest cluster, int node) {
    return cluster
        .clientBuilder(node)
        .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()))
        .build();
  }

  /** Starts the first node, and no other, in another mode, and waits until it serves. */
  private static void restartAlone(ClusterUnderTest cluster, String mode) {
    cluster.run("stop", "1").succeeded();
    Path file = cluster.files(1).resolve("garage.toml");
    try {
      String settings = Files.readString(file).replaceAll("(?m)^consistency_mode.*\\R", "");
      Files.writeString(file, "consistency_mode = \"" + mode + "\"\n" + settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cluster.run("start", "--only", "1").succeeded();
    try (S3Client s3 = client(cluster, 1)) {
      long until = end();
      while (!answers(s3)) {
        assertTrue(System.nanoTime() < until, () -> cluster.log(1));
      }
    }
  }

  /** Whatever it answers. */
  private static boolean answers(S3Client s3) {
    try {
      s3.headObject(b -> b.bucket(BUCKET).key("none"));
      return true;
    } catch (S3Exception e) {
      return true;
    } catch (SdkClientException e) {
      return false;
    }
  }

  private static void put(S3Client s3, String prefix) {
    put(s3, prefix + "small", SMALL);
    put(s3, prefix + "large", LARGE);
  }

  private static void put(S3Client s3, String key, byte[] bytes) {
    s3.putObject(b -> b.bucket(BUCKET).key(key), RequestBody.fromBytes(bytes));
  }

  private static byte[] read(S3Client s3, String key) {
    return s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key)).asByteArray();
  }

  private static void assertReads(S3Client s3, String prefix) {
    Content.assertSame(SMALL, read(s3, prefix + "small"), prefix + "small");
    Content.assertSame(LARGE, read(s3, prefix + "large"), prefix + "large");
  }

  private static void awaitReads(S3Client s3, String prefix) {
    long until = end();
    boolean read = false;
    while (!read) {
      try {
        assertReads(s3, prefix);
        read = true;
      } catch (S3Exception | SdkClientException e) {
        assertTrue(System.nanoTime() < until, e.toString());
      }
    }
  }

  private static List<String> list(S3Client s3) {
    return s3.listObjectsV2Paginator(b -> b.bucket(BUCKET)).contents().stream()
        .map(S3Object::key)
        .toList();
  }

  /** All at once: each is tried until its time is up. */
  private static void assertRefusesWrites(S3Client s3) {
    assertRefuses(
        () -> put(s3, "refused/small", SMALL),
        () -> put(s3, "refused/large", LARGE),
        () -> s3.deleteObject(b -> b.bucket(BUCKET).key("refused/none")));
  }

  private static void assertRefuses(Runnable... requests) {
    InParallel.run(List.of(requests), request -> assertEquals(503, refused(request)));
  }

  private static int refused(Runnable request) {
    return assertThrows(S3Exception.class, request::run).statusCode();
  }

  private static long end() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
  }
}
