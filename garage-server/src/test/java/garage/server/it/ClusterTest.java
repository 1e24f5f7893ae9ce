package garage.server.it;

import static garage.server.it.ClusterUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Three nodes in processes of their own under the AWS SDK, while one of them is killed, frozen, or
 * all are. Clients of the nodes that are left have the SDK's own retries and see no error; what was
 * acknowledged is there afterwards, on every node.
 */
class ClusterTest {
  private static final int NODES = 3;
  private static final int CLIENTS = 6;
  private static final int OPERATIONS = 60;
  private static final int PART = 5 << 20;

  private static final long SEED = Long.getLong("test.seed", 20_261_122L);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  static Path directory;

  @SuppressWarnings("NullAway.Init") // set before the tests
  private static ClusterUnderTest cluster;

  @BeforeAll
  static void startNodes() {
    System.out.println("ClusterTest runs with -Dtest.seed=" + SEED);
    cluster = ClusterUnderTest.start(directory, NODES);
  }

  @AfterAll
  static void stopNodes() {
    cluster.close();
  }

  @AfterEach
  void allNodesAreBack() {
    cluster.mend();
  }

  @Test
  void everyNodeServesWhatAnotherStored() {
    try (Clients clients = new Clients()) {
      byte[] large = new Content(SEED, 3 << 20).bytes();
      clients.at(1).putObject(b -> b.bucket(BUCKET).key("all/a"), RequestBody.fromBytes(large));
      for (int k = 1; k <= NODES; k++) {
        Content.assertSame(large, get(clients.at(k), "all/a"), "the object on node " + k);
        assertEquals(List.of("all/a"), List.copyOf(list(clients.at(k), "all/").keySet()));
      }
      clients.at(2).deleteObject(b -> b.bucket(BUCKET).key("all/a"));
      for (int k = 1; k <= NODES; k++) {
        S3Client s3 = clients.at(k);
        assertThrows(NoSuchKeyException.class, () -> get(s3, "all/a"));
        assertTrue(list(s3, "all/").isEmpty());
      }
    }
  }

  @Test
  void partsOfAnUploadMayComeThroughDifferentNodes() {
    try (Clients clients = new Clients()) {
      byte[] whole = new Content(SEED, 2 * PART + 1000).bytes();
      String key = "parts/a";
      String id = clients.at(1).createMultipartUpload(b -> b.bucket(BUCKET).key(key)).uploadId();
      List<CompletedPart> parts = new ArrayList<>();
      for (int number = 1; number <= 3; number++) {
        parts.add(part(clients.at(number), key, id, number, whole));
      }
      clients
          .at(2)
          .completeMultipartUpload(
              b -> b.bucket(BUCKET).key(key).uploadId(id).multipartUpload(u -> u.parts(parts)));
      for (int k = 1; k <= NODES; k++) {
        Content.assertSame(whole, get(clients.at(k), key), "the object on node " + k);
      }
    }
  }

  private static CompletedPart part(S3Client s3, String key, String id, int number, byte[] whole) {
    int from = (number - 1) * PART;
    int length = Math.min(PART, whole.length - from);
    RequestBody body = RequestBody.fromByteBuffer(ByteBuffer.wrap(whole, from, length).slice());
    String eTag =
        s3.uploadPart(b -> b.bucket(BUCKET).key(key).uploadId(id).partNumber(number), body).eTag();
    return CompletedPart.builder().partNumber(number).eTag(eTag).build();
  }

  @Test
  void onlyOneOfManyCreatesAKeyThatMustNotBeThere() {
    try (Clients clients = new Clients()) {
      for (int round = 0; round < 10; round++) {
        String key = "once/" + round;
        AtomicInteger created = new AtomicInteger();
        InParallel.run(
            IntStream.range(0, CLIENTS).boxed().toList(),
            i -> {
              if (create(clients.at(1 + i % NODES), key, "by " + i)) {
                created.incrementAndGet();
              }
            });
        assertEquals(1, created.get(), key);
      }
    }
  }

  private static boolean create(S3Client s3, String key, String content) {
    try {
      s3.putObject(
          b -> b.bucket(BUCKET).key(key).ifNoneMatch("*"), RequestBody.fromString(content));
      return true;
    } catch (S3Exception e) {
      assertTrue(e.statusCode() == 412 || e.statusCode() == 409, e.toString());
      return false;
    }
  }

  @Test
  void clientsOfTheOthersDoNotNoticeAKilledNode() {
    loadWhile("killed/", () -> cluster.kill(3));
  }

  @Test
  void clientsOfTheOthersDoNotNoticeAFrozenNode() {
    loadWhile("frozen/", () -> cluster.pause(3));
  }

  /**
   * Load on nodes 1 and 2 before and after {@code fault} befalls node 3; lists while it is away.
   */
  private static void loadWhile(String prefix, Runnable fault) {
    List<LoadClient> loads = loads(prefix);
    Countdown fuse = new Countdown(CLIENTS * OPERATIONS / 3, fault);
    try (Clients clients = new Clients()) {
      InParallel.run(
          loads,
          load -> load.run(clients.at(1 + loads.indexOf(load) % 2), OPERATIONS, fuse::count));
      verify(clients.at(1), prefix, loads);
      verify(clients.at(2), prefix, loads);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(e + "\n" + cluster.logs(), e);
    }
    cluster.mend();
    try (Clients clients = new Clients()) {
      verify(clients.at(3), prefix, loads);
    }
  }

  @Test
  void nothingAcknowledgedIsLostWhenAllNodesAreKilledAtOnce() {
    List<LoadClient> loads = loads("all-killed/");
    KillSwitch killSwitch = new KillSwitch(CLIENTS * OPERATIONS / 2, () -> cluster.kill(1, 2, 3));
    try (Clients clients = new Clients(AwsRetryStrategy.doNotRetry())) {
      InParallel.run(
          loads,
          load -> load.runUntilKilled(clients.at(1 + loads.indexOf(load) % NODES), killSwitch));
    }
    cluster.start();
    try (Clients clients = new Clients()) {
      for (int k = 1; k <= NODES; k++) {
        verify(clients.at(k), "all-killed/", loads);
      }
    }
  }

  private static List<LoadClient> loads(String prefix) {
    Random random = new Random(SEED);
    return IntStream.range(0, CLIENTS)
        .mapToObj(i -> new LoadClient(BUCKET, prefix + i + "/", random.nextLong()))
        .toList();
  }

  private static void verify(S3Client s3, String prefix, List<LoadClient> loads) {
    InParallel.run(loads, load -> load.verify(s3));
    Map<String, Long> listed = list(s3, prefix);
    loads.forEach(load -> load.verifyListed(listed));
    assertEquals(Map.of(), listed);
  }

  private static byte[] get(S3Client s3, String key) {
    return s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key)).asByteArrayUnsafe();
  }

  private static Map<String, Long> list(S3Client s3, String prefix) {
    Map<String, Long> listed = new TreeMap<>();
    for (S3Object object :
        s3.listObjectsV2Paginator(b -> b.bucket(BUCKET).prefix(prefix).maxKeys(50)).contents()) {
      listed.put(object.key(), object.size());
    }
    return listed;
  }

  /** A client of each node. */
  private static final class Clients implements AutoCloseable {
    private final List<S3Client> clients;

    Clients() {
      this.clients = IntStream.rangeClosed(1, NODES).mapToObj(cluster::client).toList();
    }

    Clients(RetryStrategy retries) {
      this.clients =
          IntStream.rangeClosed(1, NODES)
              .mapToObj(k ->
                  cluster
                      .clientBuilder(k)
                      .overrideConfiguration(c -> c.retryStrategy(retries))
                      .build())
              .toList();
    }

    S3Client at(int node) {
      return clients.get(node - 1);
    }

    @Override
    public void close() {
      clients.forEach(S3Client::close);
    }
  }
}
