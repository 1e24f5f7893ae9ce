package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static garage.server.it.ServerUnderTest.KEY_ID;
import static garage.server.it.ServerUnderTest.SECRET_KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import garage.server.it.ServerUnderTest.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Kills the server again and again while clients write, and looks after each kill whether what was
 * acknowledged is there, what was under way is there as a whole or not at all, and in the end
 * whether all space comes back.
 */
class KillTest {
  private static final int ROUNDS = 5;
  private static final int CLIENTS = 8;

  /** Operations acknowledged in a round before the kill. */
  private static final int OPERATIONS_MIN = 50;

  private static final int OPERATIONS_MAX = 120;

  /** More than a day, for which an upload is kept whose completion died with the server. */
  private static final int AHEAD_SECONDS = 90_000;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void nothingAcknowledgedIsLostAndNothingLeaks() throws Exception {
    long seed = Long.getLong("test.seed", 20_261_122L);
    System.out.println("KillTest runs with -Dtest.seed=" + seed);
    Random random = new Random(seed);
    NodeFiles files = NodeFiles.in(directory).write();
    List<LoadClient> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new LoadClient(BUCKET, "client-" + i + "/", random.nextLong()));
    }
    try (ServerUnderTest server = new ServerUnderTest(Launch.singleNode(files)).start()) {
      for (int round = 0; round < ROUNDS; round++) {
        int operations = random.nextInt(OPERATIONS_MIN, OPERATIONS_MAX);
        KillSwitch killSwitch = new KillSwitch(operations, server::signalKill);
        withClient(
            server, s3 -> InParallel.run(clients, client -> client.runUntilKilled(s3, killSwitch)));
        server.exitCode();
        server.restart();
        withClient(server, s3 -> verify(s3, clients));
      }
      withClient(server, KillTest::deleteEverything);
      JsonNode counted =
          new ObjectMapper().readTree(server.cli("bucket", "info", BUCKET, "--json").succeeded());
      assertEquals(0, counted.get("objects").asLong(-1), counted.toString());
      assertEquals(0, counted.get("bytes").asLong(-1), counted.toString());
      server.kill();
    }
    assertDrained(files);
  }

  private static void verify(S3Client s3, List<LoadClient> clients) {
    InParallel.run(clients, client -> client.verify(s3));
    Map<String, Long> listed = new TreeMap<>();
    for (S3Object object :
        s3.listObjectsV2Paginator(b -> b.bucket(BUCKET).maxKeys(50)).contents()) {
      listed.put(object.key(), object.size());
    }
    clients.forEach(client -> client.verifyListed(listed));
    assertEquals(Map.of(), listed);
  }

  private static void deleteEverything(S3Client s3) {
    for (MultipartUpload upload :
        s3.listMultipartUploadsPaginator(b -> b.bucket(BUCKET)).uploads()) {
      abort(s3, upload);
    }
    assertEquals(List.of(), s3.listMultipartUploads(b -> b.bucket(BUCKET)).uploads());
    for (S3Object object : s3.listObjectsV2Paginator(b -> b.bucket(BUCKET)).contents()) {
      s3.deleteObject(b -> b.bucket(BUCKET).key(object.key()));
    }
  }

  /**
   * One whose completion had written its object at a kill, and had not noted so yet, is still among
   * those in progress: the abort finds the object, and that the upload was completed.
   */
  private static void abort(S3Client s3, MultipartUpload upload) {
    try {
      s3.abortMultipartUpload(b -> b.bucket(BUCKET).key(upload.key()).uploadId(upload.uploadId()));
    } catch (S3Exception e) {
      assertEquals("NoSuchUpload", e.awsErrorDetails().errorCode(), e.toString());
      String eTag = s3.headObject(b -> b.bucket(BUCKET).key(upload.key())).eTag();
      assertTrue(eTag.contains("-"), upload + " was not completed: at its key is " + eTag);
    }
  }

  private static void assertDrained(NodeFiles files) throws IOException {
    try (Stream<Path> blocks = Files.walk(files.data())) {
      assertTrue(blocks.filter(Files::isRegularFile).count() > 10, "there is nothing to drain");
    }
    Launch patient = Launch.singleNode(files);
    List<String> properties =
        List.of(
            "-D" + TunedServer.AHEAD_SECONDS + "=" + AHEAD_SECONDS,
            "-D" + TunedServer.DRAIN + "=true");
    try (ServerUnderTest drained =
        new ServerUnderTest(patient.as(TunedServer.class, properties)).start()) {
      assertEquals(0, drained.exitCode(), drained::log);
    }
  }

  /** A client of its own each time: connections to a killed server are of no use. */
  private static void withClient(ServerUnderTest server, Consumer<S3Client> work) {
    try (S3Client s3 =
        server
            .clientBuilder(KEY_ID, SECRET_KEY)
            .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()))
            .build()) {
      work.accept(s3);
    }
  }
}
