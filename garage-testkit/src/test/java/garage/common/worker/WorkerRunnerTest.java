package garage.common.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Workers as an operator sees them: numbered, with their failures, kept for a while when done. */
class WorkerRunnerTest {
  @Test
  void aFailingWorkerIsTriedAgainAfterGrowingPausesAndCounted() {
    onRunner((node, runner) -> {
      List<Long> tries = new ArrayList<>();
      runner.start(
          worker(
              "w",
              () -> {
                tries.add(node.clock().nanos());
                if (tries.size() < 4) {
                  throw new GarageException.StorageFailed("failure " + tries.size(), null);
                }
                return new WorkerState.Idle(Duration.ofDays(1));
              }));
      node.clock().sleep(Duration.ofMinutes(1));

      WorkerStatus.Failures failures = runner.list().getFirst().failures();
      assertEquals(3, failures.count());
      assertEquals(0, failures.consecutive());
      assertEquals("failure 3", failures.last());
      assertNotNull(failures.lastAt());
      assertEquals(4, tries.size());
      for (int i = 1; i < tries.size(); i++) {
        Duration pause = WorkerRunner.ERROR_PAUSE.multipliedBy(1L << (i - 1));
        assertEquals(pause.toNanos(), tries.get(i) - tries.get(i - 1));
      }
    });
  }

  @Test
  void finishedWorkersStayInTheListUpToABound() {
    onRunner((node, runner) -> {
      runner.start(worker("stays", () -> new WorkerState.Idle(Duration.ofDays(1))));
      for (int i = 0; i < WorkerRunner.FINISHED_MAX + 5; i++) {
        runner.start(worker("one-shot " + i, WorkerState.Done::new));
        node.clock().sleep(Duration.ofMillis(1));
      }
      List<WorkerStatus> all = runner.list();
      assertEquals("stays", all.getFirst().name());
      assertTrue(all.size() <= WorkerRunner.FINISHED_MAX + 2, "listed: " + all.size());
      assertEquals("one-shot " + (WorkerRunner.FINISHED_MAX + 4), all.getLast().name());
      assertEquals(all.size(), all.stream().map(WorkerStatus::id).distinct().count());
      assertTrue(runner.isRunning("stays"));
      assertFalse(runner.isRunning(all.getLast().name()));
    });
  }

  @Test
  void variablesWithTheSameNameAreABug() {
    RuntimeVariables.Variable x = RuntimeVariables.Variable.shown("x", () -> "1");
    assertThrows(IllegalArgumentException.class, () -> new RuntimeVariables(List.of(x, x)));
  }

  private static void onRunner(BiConsumer<SimNode, WorkerRunner> body) {
    Simulation.run(
        3,
        simulation -> {
          SimNode node = simulation.node("a");
          try (WorkerRunner runner = new WorkerRunner(node.clock(), node.tasks())) {
            body.accept(node, runner);
          }
        });
  }

  private static Worker worker(String name, Supplier<WorkerState> step) {
    return new Worker() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public WorkerState step() {
        return step.get();
      }
    };
  }
}
