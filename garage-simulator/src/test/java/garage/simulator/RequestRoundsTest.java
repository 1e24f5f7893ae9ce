package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import garage.testkit.env.LinkFaults;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
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
    run(cluster -> {
      cluster.world().network().faults(LinkFaults.NONE.withDelay(WAY, WAY));
      cluster.world().clock().sleep(Duration.ofMinutes(1));
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
      assertEquals(1, rounds(cluster, 412, put.with("If-None-Match", "*")), "PUT if there is none");
      assertEquals(
          2,
          rounds(
              cluster, 200, Request.of("PUT", "/bkt/new").with(small).with("If-None-Match", "*")),
          "PUT if there is none");
      assertEquals(1, rounds(cluster, 204, Request.of("DELETE", "/bkt/a/k")), "DELETE");
    });
  }

  @Test
  void theMetricsCountTheSame() {
    run(cluster -> {
      Request put = Request.of("PUT", "/bkt/k").with(new byte[1_000]);
      Request list = Request.of("GET", "/bkt?list-type=2");
      Request onlyNew = Request.of("PUT", "/bkt/new").with(new byte[10]);

      assertEquals(new Cost(1, List.of(1L, 1L, 1L)), cost(cluster, 200, put));
      assertEquals(1, cost(cluster, 200, Request.of("GET", "/bkt/k")).rounds());
      assertEquals(1, cost(cluster, 200, list).rounds());
      assertEquals(2, cost(cluster, 200, onlyNew.with("If-None-Match", "*")).rounds());
      assertEquals(1, cost(cluster, 204, Request.of("DELETE", "/bkt/k")).rounds());
    });
  }

  /** Three nodes with three copies of everything, and a bucket. */
  private static void run(Consumer<Cluster> test) {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
          cluster.boot();
          ask(cluster, 200, Request.of("PUT", "/bkt"));
          world.clock().sleep(Duration.ofMinutes(1));
          test.accept(cluster);
        });
  }

  /** Rounds of the node that was asked, and changes of metadata that each node has synced. */
  private record Cost(long rounds, List<Long> syncs) {}

  private static Cost cost(Cluster cluster, int status, Request request) {
    Cost before = cost(cluster);
    ask(cluster, status, request);
    cluster.world().clock().sleep(Duration.ofMillis(50)); // the last replica is not waited for
    Cost after = cost(cluster);
    List<Long> syncs = new ArrayList<>();
    for (int i = 0; i < after.syncs.size(); i++) {
      syncs.add(after.syncs.get(i) - before.syncs.get(i));
    }
    return new Cost(after.rounds - before.rounds, syncs);
  }

  private static Cost cost(Cluster cluster) {
    return new Cost(
        metric(cluster, cluster.machine(2), "rpc_rounds_counter"),
        cluster.machines().stream()
            .map(machine -> metric(cluster, machine, "garage_db_sync_counter"))
            .toList());
  }

  /** The sum of a counter over its labels. */
  private static long metric(Cluster cluster, Machine machine, String name) {
    return Objects.requireNonNull(cluster.metrics(machine))
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
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
