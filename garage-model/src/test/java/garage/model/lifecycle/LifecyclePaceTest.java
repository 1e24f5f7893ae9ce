package garage.model.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.env.Tasks;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.model.ModelCluster;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** How deletions, and what follows them, give way to a node's clients. */
final class LifecyclePaceTest {
  private static void withOne(BiConsumer<LifecycleWorld, ModelCluster.Node> test) {
    ModelCluster.run(10, 1, cluster -> test.accept(LifecycleWorld.plain(cluster), cluster.first()));
  }

  /** After this no client of the node is said to be there any more. */
  private static void quiet(ModelCluster.Node node) {
    node.machine.clock().sleep(Duration.ofSeconds(2));
  }

  /** Slower by far than it may be: the least share is a quarter of the largest. */
  @Test
  void deletionsGiveWayWhereClientsOfTheNodeAreLate() {
    Duration undisturbed = passBeside(Duration.ofMillis(2), Duration.ofMillis(2));
    Duration late = passBeside(Duration.ofMillis(2), Duration.ofMillis(8));
    assertTrue(
        late.compareTo(undisturbed.multipliedBy(3)) > 0,
        late + " beside late clients, " + undisturbed);
  }

  /**
   * How long 320 deletions take beside operations that took {@code before}, and now take others.
   */
  private static Duration passBeside(Duration before, Duration meanwhile) {
    Duration[] pass = {Duration.ZERO};
    withOne((world, node) -> {
      world.putOld(node, 320);
      Clock clock = node.machine.clock();
      Duration[] takes = {before};
      boolean[] over = {false};
      Runnable operations =
          () -> {
            while (!over[0]) {
              clock.sleep(Duration.ofMillis(10));
              node.pace().client(Pace.Work.ROW_READ, takes[0], 0);
            }
          };
      Tasks.Task client = node.machine.tasks().start("client", operations);
      clock.sleep(Duration.ofSeconds(2)); // so its operations are known
      takes[0] = meanwhile;
      clock.sleep(Duration.ofSeconds(2));
      long begin = clock.nanos();
      assertEquals(320, world.pass(node).expired());
      pass[0] = Duration.ofNanos(clock.nanos() - begin);
      over[0] = true;
      client.join();
    });
    return pass[0];
  }

  @Test
  void readsAndWritesOfClientsAreWhatDeletionsGiveWayTo() {
    withOne((world, node) -> {
      Duration work = Duration.ofMillis(1);
      assertEquals(Duration.ZERO, node.pace().pause(work, Pace.Hurry.DAILY));
      world.putOld(node, "old/a");
      assertTrue(node.pace().pause(work, Pace.Hurry.DAILY).compareTo(work) > 0);
      quiet(node);
      assertEquals(Duration.ZERO, node.pace().pause(work, Pace.Hurry.DAILY));
      world.get(node, "old/a");
      assertTrue(node.pace().pause(work, Pace.Hurry.DAILY).compareTo(work) > 0);
      quiet(node);
      world.pass(node);
      assertEquals(Duration.ZERO, node.pace().pause(work, Pace.Hurry.DAILY), "no client's");
    });
  }

  /** What deletions leave is taken away as gently as they were made. */
  @Test
  void whatWasDeletedIsCollectedWithRestsBesideClients() {
    withOne((world, node) -> {
      world.putOld(node, 600);
      world.pass(node);
      Worker collector =
          node.model().workers().stream()
              .filter(worker -> worker.name().equals("object tombstone collection"))
              .findFirst()
              .orElseThrow();
      quiet(node);
      assertEquals(new WorkerState.Busy(), collector.step(), "nobody is there");
      node.pace().client(Pace.Work.ROW_READ, Duration.ofMillis(2), 0);
      assertTrue(collector.step() instanceof WorkerState.Throttled, "a client is there");
    });
  }
}
