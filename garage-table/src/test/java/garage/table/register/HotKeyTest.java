package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many writers of one key, at all nodes at once: each write is a race. */
final class HotKeyTest {
  private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
  private static final Duration LOAD = Duration.ofSeconds(10);

  /**
   * What an SDK's three attempts leave of a share of {@code percent} nobody sees. While one replica
   * that refused a prepare was enough to give up, it was 20 % of eight writers' with tails.
   */
  @ParameterizedTest
  @CsvSource({"2, false, 0", "8, false, 1", "8, true, 16"})
  void hardlyAnyWriterIsToldThatNobodyKnows(int writers, boolean tails, int percent) {
    AtomicInteger written = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    Simulation.run(1, simulation -> run(simulation, writers, tails, written, failed));
    int share = 100 * failed.get() / (written.get() + failed.get());
    assertTrue(written.get() > 1000, () -> written + " written");
    assertTrue(share <= percent, () -> failed + " of " + written);
  }

  /** {@code tails}: some messages take much longer than most. */
  private static void run(
      Simulation simulation,
      int writers,
      boolean tails,
      AtomicInteger written,
      AtomicInteger failed) {
    TestCluster cluster = new TestCluster(simulation, 3, new TestCluster.Faults(0, 0, 4));
    if (!tails) {
      cluster.slow(Duration.ofMillis(2));
    }
    for (TestCluster.Node node : cluster.nodes) {
      node.machine.jumpWall(Duration.ofMillis(simulation.random().nextInt(50)));
    }
    long end = simulation.clock().nanos() + LOAD.toNanos();
    List<Tasks.Task> tasks = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      TestCluster.Node node = cluster.nodes.get(i % 3);
      Runnable writing =
          () -> {
            while (simulation.clock().nanos() < end) {
              (writes(node) ? written : failed).incrementAndGet();
            }
          };
      tasks.add(simulation.tasks().start("writer", writing));
    }
    tasks.forEach(Tasks.Task::join);
  }

  private static boolean writes(TestCluster.Node node) {
    Deadline deadline = Deadline.after(node.machine.clock(), Duration.ofSeconds(20));
    try {
      node.register().write(KEY, "v", ByteBuffer.allocate(0), deadline);
      return true;
    } catch (GarageException.QuorumNotReached e) {
      return false;
    }
  }
}
