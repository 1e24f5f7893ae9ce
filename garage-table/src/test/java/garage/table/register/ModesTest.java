package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.time.Timestamp;
import garage.layout.ConsistencyMode;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What each replication factor and consistency mode promises: how many nodes may be away while
 * reads, or writes, go on; that a read shows what was acknowledged where that is promised; and that
 * no operation takes more rounds than with three copies.
 */
final class ModesTest {
  private static final byte[] KEY = LayoutSimulationTest.KEY;
  private static final Duration WAY = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @ParameterizedTest
  @CsvSource({
    "CONSISTENT, 1, 1, 1",
    "CONSISTENT, 2, 1, 2",
    "CONSISTENT, 3, 2, 2",
    "CONSISTENT, 5, 3, 3",
    "DEGRADED, 2, 1, 2",
    "DEGRADED, 3, 1, 2",
    "DEGRADED, 5, 1, 3",
    "DANGEROUS, 2, 1, 1",
    "DANGEROUS, 3, 1, 1",
    "DANGEROUS, 5, 1, 1"
  })
  void readsAndWritesGoOnWhileAsManyAnswerAsTheModeSays(
      ConsistencyMode mode, int copies, int read, int write) {
    for (long seed = 1; seed <= 5; seed++) {
      Simulation.run(
          seed,
          simulation -> {
            TestCluster cluster = cluster(simulation, mode, copies);
            TestCluster.Node node = cluster.nodes.getFirst();
            for (int up = copies; up > 0; up--) {
              String state = mode + " " + copies + " with " + up + " up";
              assertEquals(up >= write, writes(node, "v" + up), "write in " + state);
              Optional<String> shown = reads(node);
              assertEquals(up >= read, shown.isPresent(), "read in " + state);
              if (mode == ConsistencyMode.CONSISTENT && up >= write && up >= read) {
                assertEquals("v" + up, shown.orElseThrow(), "acknowledged in " + state);
              }
              cluster.nodes.get(up - 1).crash();
            }
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"CONSISTENT, 1", "CONSISTENT, 2", "CONSISTENT, 5", "DEGRADED, 3", "DANGEROUS, 3"})
  void noOperationTakesMoreRoundsThanWithThreeCopies(ConsistencyMode mode, int copies) {
    Simulation.run(
        3,
        simulation -> {
          TestCluster cluster = cluster(simulation, mode, copies);
          cluster.slow(WAY);
          Register<String> register = cluster.nodes.getFirst().register();
          Deadline never = Deadline.NEVER;
          ByteBuffer none = ByteBuffer.allocate(0);
          assertEquals(1, rounds(simulation, () -> register.write(KEY, "v", none, never)), "PUT");
          assertEquals(1, rounds(simulation, () -> register.read(KEY, true, never)), "GET");
          assertEquals(
              2,
              rounds(simulation, () -> register.writeIf(KEY, _ -> true, "w", none, never)),
              "conditional PUT");
          assertEquals(1, rounds(simulation, () -> register.write(KEY, "", none, never)), "DELETE");
        });
  }

  @Test
  void whereNoQuorumHasBeenForAWhileNothingIsWaitedFor() {
    Simulation.run(
        4,
        simulation -> {
          TestCluster cluster = cluster(simulation, ConsistencyMode.CONSISTENT, 3);
          TestCluster.Node node = cluster.nodes.getFirst();
          writes(node, "v");
          cluster.nodes.get(1).crash();
          cluster.nodes.get(2).crash();
          simulation.clock().sleep(Duration.ofSeconds(6));
          long began = simulation.clock().nanos();
          assertFalse(writes(node, "w"));
          assertEquals(Optional.empty(), reads(node));
          assertThrows(
              GarageException.QuorumNotReached.class,
              () ->
                  node.register()
                      .writeIf(KEY, _ -> true, "x", ByteBuffer.allocate(0), deadline(node)));
          Duration took = Duration.ofNanos(simulation.clock().nanos() - began);
          assertTrue(took.compareTo(Duration.ofSeconds(1)) < 0, took::toString);
        });
  }

  @Test
  void nodesThatStartAgainAreWaitedFor() {
    Simulation.run(
        5,
        simulation -> {
          TestCluster cluster = cluster(simulation, ConsistencyMode.CONSISTENT, 3);
          TestCluster.Node node = cluster.nodes.getFirst();
          cluster.nodes.get(1).crash();
          cluster.nodes.get(2).crash();
          simulation
              .tasks()
              .start(
                  "start again",
                  () -> {
                    simulation.clock().sleep(Duration.ofSeconds(4));
                    cluster.nodes.get(1).restart();
                  });
          assertTrue(writes(node, "w"));
          assertEquals(Optional.of("w"), reads(node));
        });
  }

  private static long rounds(Simulation simulation, Runnable operation) {
    long began = simulation.clock().nanos();
    operation.run();
    Duration took = Duration.ofNanos(simulation.clock().nanos() - began);
    return Math.round((double) took.toMillis() / WAY.multipliedBy(2).toMillis() - 0.15);
  }

  private static TestCluster cluster(Simulation simulation, ConsistencyMode mode, int copies) {
    TestCluster cluster = new TestCluster(simulation, copies, new TestCluster.Faults(0, 0, 4));
    LayoutHistory layout = LayoutHistory.initial(new ReplicationFactor(copies));
    NodeRole role = NodeRole.storage(new Zone("z"), new ByteSize(1_000_000_000L), List.of());
    for (TestCluster.Node node : cluster.nodes) {
      layout = layout.stage(new Timestamp(1, 1, 1), node.self(), role);
    }
    cluster.follow(LayoutPlanner.apply(layout, 1).history(), mode);
    return cluster;
  }

  private static boolean writes(TestCluster.Node node, String value) {
    try {
      node.register().write(KEY, value, ByteBuffer.allocate(0), deadline(node));
      return true;
    } catch (GarageException.QuorumNotReached e) {
      return false;
    }
  }

  /** What was shown; empty if nothing was. */
  private static Optional<String> reads(TestCluster.Node node) {
    try {
      return Optional.of(
          node.register().read(KEY, false, deadline(node)).map(Version::value).orElse(""));
    } catch (GarageException.QuorumNotReached e) {
      return Optional.empty();
    }
  }

  private static Deadline deadline(TestCluster.Node node) {
    return Deadline.after(node.machine.clock(), PATIENCE);
  }
}
