package garage.simulator.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** What an operator does when what was asked for is not done. */
final class InjectorTest {
  /** Longer than anybody would think it takes. */
  private static final long FAILING_MILLIS = 100_000;

  private static final List<Incident> LOST_WHILE_METADATA_FAILS =
      List.of(
          new Incident(0, FAILING_MILLIS, new Fault.MetadataErrors(0, true)),
          new Incident(1_000, 1_000, new Fault.LostBlock(0, 0)));

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
