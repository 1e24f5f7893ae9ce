package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import garage.testkit.env.LinkFaults;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * One replica of three that is slow, silent or away is not seen in the 99th percentile of clients
 * of the others, beyond the time after which another is asked in its place.
 */
final class SlowReplicaTest {
  private static final int REQUESTS = 100;

  /** With its metadata, and as a block. */
  private static final int[] SIZES = {1_000, 20_000};

  private static final Duration WAY_MIN = Duration.ofMillis(2);
  private static final Duration WAY_MAX = Duration.ofMillis(8);

  /**
   * The slowest there and back, and the disk: what 95 % of a node's answers take no longer than.
   */
  private static final long HEDGE_MILLIS = 30;

  @Test
  void aSlowReplicaIsNotWaitedFor() {
    LinkFaults slow = LinkFaults.NONE.withDelay(Duration.ofMillis(300), Duration.ofMillis(600));
    isNotSeen((cluster, machine) -> {
      for (Machine other : cluster.machines()) {
        if (!other.equals(machine)) {
          cluster.world().network().faults(machine.host(), other.host(), slow);
          cluster.world().network().faults(other.host(), machine.host(), slow);
        }
      }
    });
  }

  @Test
  void aFrozenReplicaIsNotWaitedFor() {
    isNotSeen((_, machine) -> machine.host().freeze());
  }

  @Test
  void aKilledReplicaIsNotWaitedFor() {
    isNotSeen((_, machine) -> machine.kill());
  }

  private static void isNotSeen(BiConsumer<Cluster, Machine> trouble) {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
          cluster.boot();
          ask(cluster, 200, Request.of("PUT", "/bkt"));
          world.network().faults(LinkFaults.NONE.withDelay(WAY_MIN, WAY_MAX));
          world.clock().sleep(Duration.ofMinutes(1));
          Map<String, Long> usual = p99(cluster);
          trouble.accept(cluster, cluster.machine(3));
          Map<String, Long> now = p99(cluster);
          usual.forEach((kind, millis) -> {
            long took = now.getOrDefault(kind, Long.MAX_VALUE);
            assertTrue(took <= millis + HEDGE_MILLIS, kind + ": " + took + " ms, not " + millis);
          });
        });
  }

  /** In milliseconds, of every kind of request. */
  private static Map<String, Long> p99(Cluster cluster) {
    Map<String, Long> times = new TreeMap<>();
    Request list = Request.of("GET", "/bkt?list-type=2");
    for (int size : SIZES) {
      Request put = Request.of("PUT", "/bkt/k" + size).with(new byte[size]);
      times.put("PUT of " + size, p99(cluster, put));
      times.put("GET of " + size, p99(cluster, Request.of("GET", "/bkt/k" + size)));
    }
    times.put("LIST", p99(cluster, list));
    return times;
  }

  private static long p99(Cluster cluster, Request request) {
    long[] took = new long[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      long began = cluster.world().clock().nanos();
      ask(cluster, 200, request);
      took[i] = (cluster.world().clock().nanos() - began) / 1_000_000;
    }
    Arrays.sort(took);
    return took[REQUESTS * 99 / 100 - 1];
  }

  private static void ask(Cluster cluster, int status, Request request) {
    Outcome.Reply reply =
        assertInstanceOf(Outcome.Reply.class, cluster.s3(cluster.machine(1), request));
    assertEquals(status, reply.status(), reply.text());
  }
}
