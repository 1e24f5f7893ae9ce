package garage.common.env;

import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who waits at a gate goes on when what it waits for holds, and is left alone before. */
final class GateTest {
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final int WAITERS = 3;
  private static final int GOAL = 10;

  @Test
  void changesThatAreNothingToWhoWaitsDoNotWakeIt() {
    Simulation.run(
        1,
        world -> {
          Gate gate = new Gate(world.clock());
          int[] value = new int[1];
          int[] looks = new int[1];
          Tasks.Task task =
              world
                  .tasks()
                  .start(
                      "waits",
                      () -> {
                        Thread me = Thread.currentThread();
                        gate.lock();
                        try {
                          gate.await(
                              () -> {
                                looks[0] += Thread.currentThread().equals(me) ? 1 : 0;
                                return value[0] == GOAL;
                              },
                              Deadline.NEVER);
                        } finally {
                          gate.unlock();
                        }
                      });
          for (int i = 0; i < GOAL; i++) {
            world.clock().sleep(MOMENT);
            gate.update(() -> value[0]++);
          }
          task.join();
          assertEquals(2, looks[0], "before it waited, and when it held");
        });
  }

  @Test
  void allGoOnForWhomItHolds() {
    Simulation.run(
        1,
        world -> {
          Gate gate = new Gate(world.clock());
          int[] value = new int[1];
          List<Tasks.Task> tasks = new ArrayList<>();
          for (int i = 0; i < WAITERS; i++) {
            int least = i % 2;
            tasks.add(
                world
                    .tasks()
                    .start(
                        "waits for " + least,
                        () -> {
                          gate.lock();
                          try {
                            gate.await(() -> value[0] > least, Deadline.NEVER);
                          } finally {
                            gate.unlock();
                          }
                        }));
          }
          world.clock().sleep(MOMENT);
          gate.update(() -> value[0] = 1);
          world.clock().sleep(MOMENT);
          assertEquals(2, tasks.stream().filter(Tasks.Task::isDone).count());
          gate.update(() -> value[0] = 2);
          tasks.forEach(Tasks.Task::join);
        });
  }
}
