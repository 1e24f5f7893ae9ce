package garage.block.disk;

import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Tasks;
import garage.testkit.env.SimDisk;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Shared directory syncs: fewer than asked for, and each name durable when its asker returns. */
final class DirectorySyncsTest {
  @Test
  void namesAreDurableWhenTheirOwnSyncReturns() {
    for (long seed = 0; seed < 100; seed++) {
      Simulation.run(seed, DirectorySyncsTest::writeAndLosePower);
    }
  }

  private static void writeAndLosePower(Simulation world) {
    SimNode node = world.node("n");
    SimDisk disk = node.disk("data");
    disk.latency(Duration.ofMillis(1), Duration.ofMillis(5));
    DirectorySyncs syncs = new DirectorySyncs(disk, node.clock());
    Set<String> durable = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      String directory = "a/" + i % 3;
      String name = directory + "/" + i;
      var task =
          node.tasks()
              .start(
                  name,
                  () -> {
                    syncs.prepare(directory);
                    disk.create(name).close();
                    syncs.sync(directory);
                    durable.add(name);
                  });
      assertTrue(!task.isDone());
    }
    world.clock().sleep(Duration.ofMillis(world.random().nextInt(60)));
    node.powerOff();
    node.start();
    Set<String> kept = node.disk("data").files();
    assertTrue(kept.containsAll(durable), () -> durable + " but " + kept);
  }

  @Test
  void concurrentSyncsOfOneDirectoryAreShared() {
    Simulation.run(
        1,
        world -> {
          SimNode node = world.node("n");
          SimDisk disk = node.disk("data");
          disk.latency(Duration.ofMillis(1), Duration.ofMillis(2));
          disk.createDirectories("a");
          DirectorySyncs syncs = new DirectorySyncs(disk, node.clock());
          syncs.sync("a");
          long before = syncs.performed();
          List<Tasks.Task> tasks = new ArrayList<>();
          for (int i = 0; i < 50; i++) {
            tasks.add(node.tasks().start("t" + i, () -> syncs.sync("a")));
          }
          tasks.forEach(Tasks.Task::join);
          long performed = syncs.performed() - before;
          assertTrue(performed >= 1 && performed <= 5, performed + " syncs for 50");
        });
  }
}
