package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.LayoutHistory;
import garage.layout.LayoutPhase;
import garage.layout.NodeRole;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * How many rounds operations take, told by how long they do where a message is on its way for 50
 * ms: as the table of the protocol says, and the same while two sets count.
 */
final class RoundsTest {
  private static final byte[] KEY = LayoutSimulationTest.KEY;
  private static final Duration WAY = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** What is done in a cluster whose messages are slow from now on. */
  private record Slow(
      Simulation simulation, Register<String> register, List<TestCluster.Node> all) {
    /** Rounds trips of an operation, syncs not counted. */
    long rounds(Runnable operation) {
      long began = simulation.clock().nanos();
      operation.run();
      Duration took = Duration.ofNanos(simulation.clock().nanos() - began);
      return Math.round((double) took.toMillis() / WAY.multipliedBy(2).toMillis() - 0.15);
    }

    void write(String value) {
      register.write(KEY, value, ByteBuffer.allocate(0), deadline());
    }

    void writeIf(boolean holds, String value) {
      register.writeIf(KEY, _ -> holds, value, ByteBuffer.allocate(0), deadline());
    }

    void read() {
      register.read(KEY, true, deadline());
    }

    Deadline deadline() {
      return Deadline.after(all.get(1).machine.clock(), PATIENCE);
    }
  }

  private static void inBothPhases(BiConsumer<LayoutPhase, Slow> body) {
    for (LayoutPhase phase : List.of(LayoutPhase.STABLE, LayoutPhase.COPY, LayoutPhase.JOINT)) {
      Simulation.run(7, simulation -> body.accept(phase, cluster(simulation, phase)));
    }
  }

  /** Nodes a, b, c; on their way to b, c, d unless {@code phase} is stable. */
  private static Slow cluster(Simulation simulation, LayoutPhase phase) {
    TestCluster cluster = new TestCluster(simulation, 4, new TestCluster.Faults(0, 0, 1));
    List<NodeId> ids = cluster.nodes.stream().map(TestCluster.Node::self).toList();
    LayoutHistory stable = LayoutHistory.initial(new ReplicationFactor(3));
    for (NodeId id : ids.subList(0, 3)) {
      stable = stable.stage(new Timestamp(1, 1, 1), id, role());
    }
    stable = LayoutPlanner.apply(stable, 1).history();
    cluster.follow(stable);
    if (phase != LayoutPhase.STABLE) {
      LayoutHistory copy =
          LayoutPlanner.apply(
                  stable
                      .stageRemoval(new Timestamp(2, 1, 1), ids.get(0))
                      .stage(new Timestamp(2, 1, 1), ids.get(3), role()),
                  2)
              .history();
      cluster.nodes.forEach(node -> node.learn(copy));
      cluster.nodes.getLast().transition().step();
      if (phase == LayoutPhase.JOINT) {
        cluster.nodes.forEach(node -> node.learn(copy.advance()));
      }
    }
    cluster.slow(WAY);
    return new Slow(simulation, cluster.nodes.get(1).register(), new ArrayList<>(cluster.nodes));
  }

  private static NodeRole role() {
    return NodeRole.storage(new Zone("z"), new ByteSize(1_000_000_000L), List.of());
  }

  @Test
  void plainWritesAndReadsThatAgreeTakeOneRound() {
    inBothPhases((phase, slow) -> {
      assertEquals(1, slow.rounds(() -> slow.write("v1")), "PUT in " + phase);
      assertEquals(1, slow.rounds(slow::read), "GET in " + phase);
      assertEquals(1, slow.rounds(() -> slow.write("")), "DELETE in " + phase);
      assertEquals(1, slow.rounds(slow::read), "GET of nothing in " + phase);
    });
  }

  @Test
  void conditionalWritesTakeTwoRoundsAndOneIfRefused() {
    inBothPhases((phase, slow) -> {
      assertEquals(2, slow.rounds(() -> slow.writeIf(true, "v1")), "on nothing in " + phase);
      assertEquals(2, slow.rounds(() -> slow.writeIf(true, "v2")), "on a version in " + phase);
      assertEquals(1, slow.rounds(() -> slow.writeIf(false, "v3")), "refused in " + phase);
    });
  }

  @Test
  void aReplicaThatIsAwayOrBehindCostsNothingBeyondTheRoundThatSettlesIt() {
    inBothPhases((phase, slow) -> {
      slow.all().get(2).crash();
      assertEquals(1, slow.rounds(() -> slow.write("v1")), "PUT with one away in " + phase);
      assertEquals(1, slow.rounds(slow::read), "GET with one away in " + phase);
      slow.all().get(2).restart();
      assertTrue(slow.rounds(slow::read) <= 2, "GET with one behind in " + phase);
    });
  }
}
