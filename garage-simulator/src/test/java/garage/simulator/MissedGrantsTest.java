package garage.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.Digests;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.Base64;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * What an operator grants counts on every node as soon as it is granted: a node that has missed it
 * asks the others before it refuses, and says so if it cannot.
 */
final class MissedGrantsTest {
  private static final String ALL = "{\"read\":true,\"write\":true,\"owner\":true}";
  private static final Duration CONVERGED = Duration.ofMinutes(1);
  private static final Duration HEALED_MAX = Duration.ofMinutes(2);

  @Test
  void aGrantOnABucketCountsForEveryKindOfDecision() {
    withCluster((cluster, bucket) -> {
      String policy =
          "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\","
              + "\"Action\":\"s3:DeleteObject\",\"Resource\":\"arn:aws:s3:::bkt/kept\"}]}";
      String keys = "<Delete><Object><Key>none</Key></Object></Delete>";
      Request get = Request.of("GET", "/bkt/k");
      counts(cluster, bucket, get, 200);
      counts(cluster, bucket, text("PUT", "/bkt/new", "some"), 200);
      counts(cluster, bucket, Request.of("GET", "/bkt?list-type=2"), 200);
      ask(cluster, 1, 200, Request.of("PUT", "/copies"));
      Request copy = Request.of("PUT", "/copies/k").with("x-amz-copy-source", "/bkt/k");
      counts(cluster, bucket, copy, 200);
      ask(cluster, 1, 204, text("PUT", "/bkt?policy", policy));
      String sum = Base64.getEncoder().encodeToString(Digests.md5().digest(keys.getBytes(UTF_8)));
      counts(cluster, bucket, text("POST", "/bkt?delete", keys).with("Content-MD5", sum), 200);
    });
  }

  @Test
  void aKeyThatIsExtendedIsGoodAgain() {
    withCluster((cluster, _) -> {
      Machine first = cluster.machine(1);
      Request get = Request.of("GET", "/bkt/k");
      missed(
          cluster,
          () -> cluster.admin(first, "POST", key(), "{\"expiration\":\"1999-01-01T00:00:00Z\"}"),
          () -> cluster.admin(first, "POST", key(), "{\"neverExpires\":true}"),
          get,
          200);
    });
  }

  private static String key() {
    return "UpdateKey?id=GK0123456789abcdef01234567";
  }

  private static void counts(Cluster cluster, String bucket, Request request, int status) {
    String grant =
        "{\"bucketId\":\"%s\",\"accessKeyId\":\"GK0123456789abcdef01234567\",\"permissions\":%s}"
            .formatted(bucket, ALL);
    Machine first = cluster.machine(1);
    missed(
        cluster,
        () -> cluster.admin(first, "POST", "DenyBucketKey", grant),
        () -> cluster.admin(first, "POST", "AllowBucketKey", grant),
        request,
        status);
  }

  /** Takes away and grants again while the last node is cut off, and asks that node. */
  private static void missed(
      Cluster cluster, Runnable takeAway, Runnable grant, Request request, int status) {
    Machine last = cluster.machine(3);
    takeAway.run();
    cluster.world().clock().sleep(CONVERGED);
    assertRefused(cluster, request);
    cluster.world().network().isolate(last.host());
    assertUnavailable(cluster, request);
    grant.run();
    cluster.world().network().heal();
    cluster
        .world()
        .eventually(
            "the node finds the others",
            HEALED_MAX,
            () -> !isUnavailable(reply(cluster, 3, request)));
    Outcome.Reply reply = reply(cluster, 3, request);
    assertEquals(status, reply.status(), reply.text());
    assertFalse(reply.text().contains("AccessDenied"), reply.text());
  }

  private static void assertRefused(Cluster cluster, Request request) {
    Outcome.Reply refusal = reply(cluster, 3, request);
    boolean isRefused = refusal.status() == 403 || refusal.text().contains("AccessDenied");
    assertTrue(isRefused, refusal.status() + " " + refusal.text());
  }

  private static void assertUnavailable(Cluster cluster, Request request) {
    Outcome.Reply refusal = reply(cluster, 3, request);
    assertTrue(isUnavailable(refusal), refusal.status() + " " + refusal.text());
  }

  /** The keys of a deletion are answered one by one, in a reply that says 200. */
  private static boolean isUnavailable(Outcome.Reply reply) {
    return reply.status() == 503 || reply.text().contains("ServiceUnavailable");
  }

  private static void withCluster(BiConsumer<Cluster, String> test) {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
          cluster.boot();
          ask(cluster, 1, 200, Request.of("PUT", "/bkt"));
          ask(cluster, 1, 200, text("PUT", "/bkt/k", "first"));
          String info =
              cluster.admin(cluster.machine(1), "GET", "GetBucketInfo?globalAlias=bkt", "");
          test.accept(cluster, info.replaceAll("(?s).*?\"id\"\\s*:\\s*\"([0-9a-f]{64})\".*", "$1"));
        });
  }

  private static Request text(String method, String target, String body) {
    return Request.of(method, target).with(body.getBytes(UTF_8));
  }

  private static void ask(Cluster cluster, int machine, int status, Request request) {
    Outcome.Reply reply = reply(cluster, machine, request);
    assertEquals(status, reply.status(), reply.text());
  }

  private static Outcome.Reply reply(Cluster cluster, int machine, Request request) {
    return assertInstanceOf(Outcome.Reply.class, cluster.s3(cluster.machine(machine), request));
  }
}
