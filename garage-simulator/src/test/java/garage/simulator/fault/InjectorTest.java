package garage.simulator.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.time.HybridClock;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What an operator does when what was asked for is not done, and how faults end. */
final class InjectorTest {
  /** Longer than anybody would think it takes. */
  private static final long FAILING_MILLIS = 100_000;

  private static final List<Incident> LOST_WHILE_METADATA_FAILS =
      List.of(
          new Incident(0, FAILING_MILLIS, new Fault.MetadataErrors(0, true)),
          new Incident(1_000, 1_000, new Fault.LostBlock(0, 0)));

  /** Those of seed 263820: in the end two clocks are ten seconds apart. */
  private static final List<Incident> CLOCKS =
      List.of(
          new Incident(0, 0, new Fault.ClockDrift(0, 768)),
          new Incident(0, 0, new Fault.ClockJump(1, 3_999)),
          new Incident(1_000, 0, new Fault.ClockJump(2, -3_229)),
          new Incident(2_000, 0, new Fault.ClockJump(2, -3_890)));

  @Test
  void inTheEndClocksAreNoFurtherApartThanNodesAcceptOfEachOther() {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
          Injector faults = new Injector(cluster, new Nobody());
          faults.start(CLOCKS);
          world.clock().sleep(Duration.ofSeconds(4_000));
          assertTrue(aheadOf(cluster, 0, 2) > HybridClock.AHEAD_MAX.toMillis());
          faults.finish();
          assertTrue(aheadOf(cluster, 0, 2) < HybridClock.AHEAD_MAX.toMillis());
          assertEquals(3_999, aheadOf(cluster, 1, 2), "one that is little wrong stays so");
        });
  }

  private static long aheadOf(Cluster cluster, int machine, int other) {
    return wallMillis(cluster, machine) - wallMillis(cluster, other);
  }

  private static long wallMillis(Cluster cluster, int machine) {
    return cluster.machines().get(machine).host().clock().wallMillis();
  }

  @Test
  void whatALostBlockWasOfIsPurgedOnceTheMetadataCanBeWrittenAgain() {
    withOneObject((cluster, faults) -> {
      cluster.world().clock().sleep(Duration.ofMillis(FAILING_MILLIS / 2));
      assertEquals(500, get(cluster));
      cluster.world().clock().sleep(Duration.ofMillis(FAILING_MILLIS));
      assertEquals(404, get(cluster));
      faults.finish();
    });
  }

  @Test
  void whatTheFaultsEndBeforeIsPurgedAfterThem() {
    withOneObject((cluster, faults) -> {
      assertTrue(faults.purged(), "nothing is lost yet");
      cluster.world().clock().sleep(Duration.ofSeconds(10));
      assertFalse(faults.purged(), "a node that cannot write its metadata says so");
      faults.finish();
      cluster.machine(1).start();
      assertEquals(500, get(cluster));
      cluster.world().eventually("it is purged", Duration.ofMinutes(1), faults::purged);
      assertEquals(404, get(cluster));
    });
  }

  private static void withOneObject(BiConsumer<Cluster, Injector> test) {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(1, 1));
          cluster.boot();
          cluster.s3(cluster.machine(1), Request.of("PUT", "/bkt"));
          byte[] bytes = new SeededRandom(1).bytes(ClusterSettings.BLOCK_BYTES);
          cluster.s3(cluster.machine(1), Request.of("PUT", "/bkt/k").with(bytes));
          assertEquals(200, get(cluster));
          Injector faults = new Injector(cluster, new Nobody());
          faults.start(LOST_WHILE_METADATA_FAILS);
          test.accept(cluster, faults);
        });
  }

  private static int get(Cluster cluster) {
    Outcome outcome = cluster.s3(cluster.machine(1), Request.of("GET", "/bkt/k"));
    return assertInstanceOf(Outcome.Reply.class, outcome).status();
  }

  private record Nobody() implements Witness {
    @Override
    public void lost(String hash) {}

    @Override
    public void wrong(String what) {
      throw new AssertionError(what);
    }
  }
}
