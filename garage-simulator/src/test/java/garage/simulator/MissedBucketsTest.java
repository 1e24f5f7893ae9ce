package garage.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import garage.testkit.env.Simulation;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A bucket is deleted and another made by its name while a node is cut off. What that node knows of
 * the name leads it to the bucket that is gone, until it hears of the other: whoever asks it then
 * is told nothing that is true of the former only.
 */
final class MissedBucketsTest {
  private static final Duration HEALED_MAX = Duration.ofMinutes(2);

  /** Each of them is asked of the node as the first thing, while it knows no better. */
  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource({
    "GET,    /bkt/k,                       200",
    "HEAD,   /bkt/k,                       200",
    "GET,    /bkt/k?tagging,               200",
    "GET,    /bkt/k?versionId=null,        200",
    "DELETE, /bkt/k,                       204",
    "DELETE, /bkt/k?versionId=null,        204",
    "POST,   /bkt/parts?uploads,           200"
  })
  void theOtherBucketIsWhatIsAskedOf(String method, String target, int status) {
    afterwards((cluster, last) -> {
      Outcome.Reply reply = answered(cluster, last, Request.of(method, target));
      assertEquals(status, reply.status(), reply.text());
      int left = method.equals("DELETE") && status == 204 ? 404 : 200;
      for (int i = 1; i <= 3; i++) {
        assertEquals(left, reply(cluster, i, Request.of("GET", "/bkt/k")).status(), "node " + i);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bkt", "/bkt?list-type=2", "/bkt?versions"})
  void aListingShowsWhatIsInTheOther(String target) {
    afterwards((cluster, last) -> {
      Outcome.Reply reply = answered(cluster, last, Request.of("GET", target));
      assertEquals("k", reply.element("Key"), reply.text());
    });
  }

  @Test
  void whatIsWrittenIsInTheOther() {
    afterwards((cluster, last) -> {
      Request put = Request.of("PUT", "/bkt/another").with("written".getBytes(UTF_8));
      assertEquals(200, answered(cluster, last, put).status());
      assertEquals("written", reply(cluster, 1, Request.of("GET", "/bkt/another")).text());
    });
  }

  @Test
  void theOtherIsNotDeletedSinceItIsNotEmpty() {
    afterwards((cluster, last) -> {
      Outcome.Reply reply = answered(cluster, last, Request.of("DELETE", "/bkt"));
      assertEquals("BucketNotEmpty", reply.element("Code"), reply.text());
    });
  }

  @Test
  void theSourceOfACopyIsInTheOther() {
    afterwards((cluster, last) -> {
      Request copy = Request.of("PUT", "/copies/k").with("x-amz-copy-source", "/bkt/k");
      assertEquals(200, answered(cluster, last, copy).status());
    });
  }

  @Test
  void whereThereIsNoOtherThereIsNoBucket() {
    withCluster((cluster, last) -> {
      cluster.world().network().isolate(last.host());
      ask(cluster, 1, 204, Request.of("DELETE", "/bkt"));
      cluster.world().network().heal();
      Outcome.Reply reply = answered(cluster, last, Request.of("GET", "/bkt/k"));
      assertEquals("NoSuchBucket", reply.element("Code"), reply.text());
    });
  }

  private interface Case {
    void run(Cluster cluster, Machine last);
  }

  /** After the last node missed that the bucket was replaced by one that holds an object. */
  private static void afterwards(Case then) {
    withCluster((cluster, last) -> {
      cluster.world().network().isolate(last.host());
      ask(cluster, 1, 204, Request.of("DELETE", "/bkt"));
      ask(cluster, 1, 200, Request.of("PUT", "/bkt"));
      ask(cluster, 1, 200, Request.of("PUT", "/bkt/k").with("acknowledged".getBytes(UTF_8)));
      cluster.world().network().heal();
      then.run(cluster, last);
    });
  }

  private static void withCluster(Case test) {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
          cluster.boot();
          ask(cluster, 1, 200, Request.of("PUT", "/bkt"));
          ask(cluster, 1, 200, Request.of("PUT", "/copies"));
          Machine last = cluster.machine(3);
          for (int i = 0; i < 2; i++) { // what it is asked for later it has heard of
            ask(cluster, 3, 404, Request.of("GET", "/bkt/k"));
          }
          test.run(cluster, last);
        });
  }

  /** What a client is told that tries again where it is asked to. */
  private static Outcome.Reply answered(Cluster cluster, Machine machine, Request request) {
    Outcome.Reply[] reply = new Outcome.Reply[1];
    cluster
        .world()
        .eventually(
            "the node finds the others",
            HEALED_MAX,
            () -> {
              reply[0] = assertInstanceOf(Outcome.Reply.class, cluster.s3(machine, request));
              return reply[0].status() != 503;
            });
    return reply[0];
  }

  private static void ask(Cluster cluster, int machine, int status, Request request) {
    Outcome.Reply reply = reply(cluster, machine, request);
    assertEquals(status, reply.status(), reply.text());
  }

  private static Outcome.Reply reply(Cluster cluster, int machine, Request request) {
    return assertInstanceOf(Outcome.Reply.class, cluster.s3(cluster.machine(machine), request));
  }
}
