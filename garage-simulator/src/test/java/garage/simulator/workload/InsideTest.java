package garage.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The checkers see what is wrong on a disk, and nothing where all is well. */
final class InsideTest {
  private static final byte[] TWO_BLOCKS =
      new SeededRandom(1).bytes(2 * ClusterSettings.BLOCK_BYTES);

  @Test
  void replicasAreEqualUntilOneIsBehind() {
    Simulation.run(
        11,
        world -> {
          Cluster cluster = booted(world);
          put(cluster, "/bkt/one");
          world.clock().sleep(Duration.ofMinutes(1));
          assertFalse(new Inside(cluster.machine(1)).contents().isEmpty());
          assertEquals(
              new Inside(cluster.machine(1)).contents(), new Inside(cluster.machine(3)).contents());
          cluster.machine(3).host().freeze();
          put(cluster, "/bkt/two");
          assertNotEquals(
              new Inside(cluster.machine(1)).contents(), new Inside(cluster.machine(3)).contents());
          cluster.machine(3).host().thaw();
        });
  }

  @Test
  void aBlockThatIsGoneIsMissed() {
    Simulation.run(
        12,
        world -> {
          Cluster cluster = booted(world);
          put(cluster, "/bkt/key");
          world.clock().sleep(Duration.ofMinutes(1));
          Inside inside = new Inside(cluster.machine(2));
          assertEquals(2, inside.references());
          assertEquals("", inside.brokenBlocks());
          cluster.machine(2).host().disk("data").wipe();
          assertTrue(inside.brokenBlocks().contains("is not there"));
        });
  }

  private static Cluster booted(Simulation world) {
    Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
    cluster.boot();
    expectDone(cluster.s3(cluster.machine(1), Request.of("PUT", "/bkt")));
    return cluster;
  }

  private static void put(Cluster cluster, String target) {
    expectDone(cluster.s3(cluster.machine(1), Request.of("PUT", target).with(TWO_BLOCKS)));
  }

  private static void expectDone(Outcome outcome) {
    assertEquals(200, assertInstanceOf(Outcome.Reply.class, outcome).status());
  }
}
