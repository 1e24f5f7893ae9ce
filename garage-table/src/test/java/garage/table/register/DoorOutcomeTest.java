package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.time.Timestamp;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a writer is told whose group was deleted meanwhile. */
final class DoorOutcomeTest {
  private static final Bytes32 GROUP = new Bytes32(7, 7, 7, 7);
  private static final byte[] KEY = new Writer().bytes32(GROUP).varint(1).toBytes();
  private static final Timestamp ATTEMPT = new Timestamp(5, 1, 1);
  private static final int SEEDS = 20;

  @Test
  void whatOneReplicaTookBeforeItsDoorWasClosedMayBeReadAndSoMayHaveBeenWritten() {
    simulate(cluster -> {
      TestCluster.Node writer = cluster.nodes.getFirst();
      for (TestCluster.Node node : cluster.nodes.subList(1, 3)) {
        node.doors().doors().end(GROUP, ATTEMPT);
      }
      assertThrows(GarageException.QuorumNotReached.class, () -> write(writer));
      cluster.nodes.getLast().crash(); // the two that are left are the quorum
      assertTrue(writer.register().read(KEY, false, deadline(writer)).isPresent());
    });
  }

  @Test
  void nothingIsWrittenWhereEveryDoorIsClosed() {
    simulate(cluster -> {
      TestCluster.Node writer = cluster.nodes.getFirst();
      cluster.nodes.forEach(node -> node.doors().doors().end(GROUP, ATTEMPT));
      assertThrows(GarageException.Conflict.class, () -> write(writer));
    });
  }

  private static void write(TestCluster.Node node) {
    node.register().write(KEY, "v", ByteBuffer.allocate(0), deadline(node));
  }

  private static Deadline deadline(TestCluster.Node node) {
    return Deadline.after(node.machine.clock(), Duration.ofSeconds(4));
  }

  private static void simulate(Consumer<TestCluster> test) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Simulation.run(
          seed,
          simulation ->
              test.accept(new TestCluster(simulation, 3, new TestCluster.Faults(0, 0, 8))));
    }
  }
}
