package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A cluster of production nodes in a simulation does what one of processes does. */
final class ClusterTest {
  private static final ClusterSettings THREE = new ClusterSettings(3, 3);

  @Test
  void anObjectWrittenThroughOneNodeIsReadThroughTheOthers() {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = booted(world);
          for (int size : new int[] {0, 1_000, 5_000, 20_000}) {
            byte[] bytes = new SeededRandom(size).bytes(size);
            put(cluster, 1, "/bkt/k" + size, bytes);
            for (Machine machine : cluster.machines()) {
              Outcome.Reply got = reply(cluster.s3(machine, Request.of("GET", "/bkt/k" + size)));
              assertEquals(200, got.status(), got.text());
              assertArrayEquals(bytes, got.body());
            }
          }
          String list =
              reply(cluster.s3(cluster.machine(2), Request.of("GET", "/bkt?list-type=2"))).text();
          assertTrue(list.contains("<Key>k20000</Key>"), list);
        });
  }

  @Test
  void whatWasAcknowledgedSurvivesALossOfPowerOfEveryNode() {
    Simulation.run(
        2,
        world -> {
          Cluster cluster = booted(world);
          byte[] small = new SeededRandom(1).bytes(100);
          byte[] large = new SeededRandom(2).bytes(10_000);
          put(cluster, 1, "/bkt/small", small);
          put(cluster, 2, "/bkt/large", large);
          cluster.machines().forEach(Machine::powerOff);
          assertInstanceOf(
              Outcome.Refused.class,
              cluster.s3(cluster.machine(1), Request.of("GET", "/bkt/small")));
          cluster.machines().forEach(Machine::start);
          world.clock().sleep(Duration.ofSeconds(20));
          assertArrayEquals(
              small, reply(cluster.s3(cluster.machine(3), Request.of("GET", "/bkt/small"))).body());
          assertArrayEquals(
              large, reply(cluster.s3(cluster.machine(3), Request.of("GET", "/bkt/large"))).body());
        });
  }

  @Test
  void aNodeKilledAmidARequestLosesTheConnection() {
    Simulation.run(
        3,
        world -> {
          Cluster cluster = booted(world);
          var killer =
              world
                  .tasks()
                  .start(
                      "killer",
                      () -> {
                        world.clock().sleep(Duration.ofMillis(1));
                        cluster.machine(1).kill();
                      });
          Outcome outcome =
              cluster.s3(cluster.machine(1), Request.of("PUT", "/bkt/k").with(new byte[20_000]));
          assertInstanceOf(Outcome.Lost.class, outcome);
          killer.join();
          cluster.machine(1).start();
          world.clock().sleep(Duration.ofSeconds(20));
          put(cluster, 1, "/bkt/k", new byte[1]);
        });
  }

  @Test
  void anOperatorTakesNoDirectoryAwayWithTheBlocksInIt() {
    Simulation.run(
        4,
        world -> {
          Cluster cluster = booted(world, new ClusterSettings(1, 1));
          Machine alone = cluster.machine(1);
          for (int count : new int[] {2, 1}) { // two plans that know nothing of each other
            alone.stop();
            alone.directories(count, false);
            alone.start();
            for (int i = 0; i < 8; i++) {
              put(cluster, 1, "/bkt/k" + i, new SeededRandom(10 * count + i).bytes(5_000));
            }
          }
          assertEquals(2, alone.blockDisks().size());
          assertTrue(alone.blockDisks().stream().noneMatch(disk -> disk.files().isEmpty()));
        });
  }

  @Test
  void aLossOfPowerWhileANodeIsStoppedBringsNoDeletedBlockBack() {
    for (int seed = 0; seed < 6; seed++) {
      Simulation.run(
          seed,
          world -> {
            Cluster cluster = booted(world, new ClusterSettings(1, 1));
            Machine alone = cluster.machine(1);
            put(cluster, 1, "/bkt/k", new SeededRandom(3).bytes(40_000));
            assertEquals(11, files(alone), "ten blocks and the marker");
            assertEquals(204, reply(cluster.s3(alone, Request.of("DELETE", "/bkt/k"))).status());
            world.clock().sleep(Duration.ofMinutes(40));
            assertEquals(1, files(alone));
            alone.stop();
            alone.powerOff();
            alone.start();
            world.clock().sleep(Duration.ofMinutes(40));
            assertEquals(1, files(alone));
          });
    }
  }

  /** By itself a node to which nothing was left to do looks at its registers after 30 s again. */
  @Test
  void aChangeOfLayoutWaitsForNoNodeToLookForIt() {
    Simulation.run(
        5,
        world -> {
          Cluster cluster = booted(world, new ClusterSettings(4, 3, 3));
          Machine first = cluster.machine(1);
          for (int away = 1; away < 4; away++) {
            world.clock().sleep(Duration.ofSeconds(40 + 3 * away)); // nothing is left to do
            List<Machine> members = new ArrayList<>(cluster.machines());
            members.remove(away);
            assertTrue(cluster.relayout(first, members, 3));
            world.clock().sleep(Duration.ofSeconds(15));
            assertEquals(1 + away, cluster.settledLayout(first));
          }
        });
  }

  private static int files(Machine machine) {
    return machine.blockDisks().getFirst().files().size();
  }

  @Test
  void equalSeedsGiveEqualTraces() {
    assertEquals(trace(7), trace(7));
    assertNotEquals(trace(7), trace(8));
  }

  private static String trace(long seed) {
    Simulation run =
        Simulation.run(
            seed,
            world -> {
              Cluster cluster = booted(world);
              put(cluster, 1, "/bkt/k", new byte[10_000]);
              cluster.machine(3).kill();
              put(cluster, 2, "/bkt/k", new byte[10]);
              cluster.machine(3).start();
              world.clock().sleep(Duration.ofMinutes(1));
            });
    return run.trace().count() + " lines, " + run.trace().digest();
  }

  private static Cluster booted(Simulation world) {
    return booted(world, THREE);
  }

  private static Cluster booted(Simulation world, ClusterSettings settings) {
    Cluster cluster = new Cluster(world, settings);
    cluster.boot();
    assertEquals(200, reply(cluster.s3(cluster.machine(1), Request.of("PUT", "/bkt"))).status());
    return cluster;
  }

  private static void put(Cluster cluster, int machine, String target, byte[] bytes) {
    Outcome.Reply reply =
        reply(cluster.s3(cluster.machine(machine), Request.of("PUT", target).with(bytes)));
    assertEquals(200, reply.status(), reply.text());
  }

  private static Outcome.Reply reply(Outcome outcome) {
    return assertInstanceOf(Outcome.Reply.class, outcome);
  }
}
