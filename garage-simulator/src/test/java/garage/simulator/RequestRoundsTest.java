package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.testkit.env.LinkFaults;
import garage.testkit.env.Simulation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * How often a request of a client goes to the other replicas and back, counted by the time it takes
 * where each way takes 50 ms and all else hardly any: with everything that is looked up for it,
 * access keys, buckets, quotas and policies included.
 */
final class RequestRoundsTest {
  private static final Duration WAY = Duration.ofMillis(50);

  /** What disks may take beside a round, as a part of it. */
  private static final double DISKS = 0.4;

  @Test
  void noRequestTakesMoreRoundsThanTheDesignSays() {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
          cluster.boot();
          ask(cluster, 200, Request.of("PUT", "/bkt"));
          world.clock().sleep(Duration.ofMinutes(1));
          world.network().faults(LinkFaults.NONE.withDelay(WAY, WAY));
          world.clock().sleep(Duration.ofMinutes(1));
          byte[] small = new byte[1_000];
          Request put = Request.of("PUT", "/bkt/a/k").with(small);

          assertEquals(1, rounds(cluster, 200, put), "PUT");
          assertEquals(1, rounds(cluster, 200, put), "PUT again");
          assertEquals(1, rounds(cluster, 200, Request.of("GET", "/bkt/a/k")), "GET");
          assertEquals(1, rounds(cluster, 200, Request.of("HEAD", "/bkt/a/k")), "HEAD");
          assertEquals(1, rounds(cluster, 404, Request.of("GET", "/bkt/a/none")), "GET of nothing");
          assertEquals(1, rounds(cluster, 200, Request.of("GET", "/bkt?list-type=2")), "LIST");
          assertEquals(
              1, rounds(cluster, 200, Request.of("GET", "/bkt?list-type=2&delimiter=%2F")), "LIST");
          assertEquals(
              1, rounds(cluster, 412, put.with("If-None-Match", "*")), "PUT if there is none");
          assertEquals(
              2,
              rounds(
                  cluster,
                  200,
                  Request.of("PUT", "/bkt/new").with(small).with("If-None-Match", "*")),
              "PUT if there is none");
          assertEquals(1, rounds(cluster, 204, Request.of("DELETE", "/bkt/a/k")), "DELETE");
        });
  }

  private static long rounds(Cluster cluster, int status, Request request) {
    long began = cluster.world().clock().nanos();
    ask(cluster, status, request);
    double took = cluster.world().clock().nanos() - began;
    return (long) Math.ceil(took / WAY.multipliedBy(2).toNanos() - DISKS);
  }

  private static void ask(Cluster cluster, int status, Request request) {
    Outcome.Reply reply =
        assertInstanceOf(Outcome.Reply.class, cluster.s3(cluster.machine(2), request));
    assertEquals(status, reply.status(), reply.text());
  }
}
