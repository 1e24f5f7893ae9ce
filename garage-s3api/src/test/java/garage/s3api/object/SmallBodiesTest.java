package garage.s3api.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No more is lent than the budget has, and whoever waits gets what others give back. */
final class SmallBodiesTest {
  private static SmallBodies.Lease take(Simulation world, SmallBodies bodies, int bytes) {
    return bodies.take(bytes, Deadline.after(world.clock(), Duration.ofSeconds(5)));
  }

  @Test
  void whatIsGivenBackIsLentAgain() {
    Simulation.run(
        1,
        world -> {
          SmallBodies bodies = new SmallBodies(world.clock(), 100);
          List<String> order = new ArrayList<>();
          SmallBodies.Lease first = take(world, bodies, 70);
          Tasks.Task waiting =
              world
                  .tasks()
                  .start(
                      "waiting",
                      () -> {
                        try (SmallBodies.Lease _ = take(world, bodies, 50)) {
                          order.add("second");
                        }
                      });
          world.clock().sleep(Duration.ofSeconds(1));
          order.add("first is done");
          first.shrinkTo(40);
          waiting.join();
          first.close();
          first.close();
          assertEquals(List.of("first is done", "second"), order);
          assertEquals(0, bodies.lent());
        });
  }

  @Test
  void waitEndsAtItsDeadline() {
    Simulation.run(
        2,
        world -> {
          SmallBodies bodies = new SmallBodies(world.clock(), 100);
          try (SmallBodies.Lease _ = take(world, bodies, 70)) {
            assertThrows(GarageException.Overloaded.class, () -> take(world, bodies, 50));
          }
          assertEquals(0, bodies.lent());
        });
  }

  @Test
  void bodyLargerThanTheBudgetGoesAlone() {
    Simulation.run(
        3,
        world -> {
          SmallBodies bodies = new SmallBodies(world.clock(), 100);
          try (SmallBodies.Lease _ = take(world, bodies, 500)) {
            assertThrows(GarageException.Overloaded.class, () -> take(world, bodies, 1));
          }
          take(world, bodies, 1).close();
        });
  }
}
