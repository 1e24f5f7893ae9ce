package garage.testkit.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.env.Mailbox;
import garage.common.env.Tasks.Task;
import garage.common.error.GarageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** The scheduler itself: order, time, ends of tasks and nodes, and what it refuses. */
final class SimulationTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void virtualTimePassesWithoutRealTime() {
    Simulation simulation =
        Simulation.run(
            1,
            world -> {
              long start = world.clock().nanos();
              world.clock().sleep(Duration.ofDays(7));
              assertEquals(Duration.ofDays(7).toNanos(), world.clock().nanos() - start);
            });
    assertTrue(simulation.trace().count() > 0);
  }

  @Test
  void ordersOfTasksDependOnTheSeedAlone() {
    Set<List<Integer>> orders = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      List<Integer> order = orderOfTenTasks(seed);
      assertEquals(order, orderOfTenTasks(seed));
      orders.add(order);
    }
    assertTrue(orders.size() > 10, "only " + orders.size() + " orders");
  }

  private static List<Integer> orderOfTenTasks(long seed) {
    List<Integer> order = new ArrayList<>();
    Simulation.run(
        seed,
        world -> {
          ReentrantLock lock = new ReentrantLock();
          List<Task> tasks = new ArrayList<>();
          for (int i = 0; i < 10; i++) {
            int me = i;
            tasks.add(
                world
                    .tasks()
                    .start(
                        "t" + i,
                        () -> {
                          lock.lock();
                          try {
                            world.clock().sleep(Duration.ofMillis(me % 3));
                            order.add(me);
                          } finally {
                            lock.unlock();
                          }
                        }));
          }
          tasks.forEach(Task::join);
        });
    return order;
  }

  @Test
  void deadlockFailsAndShowsWhereEveryTaskStands() {
    SimulationFailure failure =
        assertThrows(
            SimulationFailure.class,
            () ->
                Simulation.run(
                    3, world -> new Mailbox<String>(world.clock(), 1).take(Deadline.NEVER)));
    assertTrue(failure.toString().contains("deadlock"), failure.toString());
    assertTrue(failure.toString().contains("Mailbox.take"), failure.toString());
  }

  @Test
  void tasksThatFeedEachOtherWorkForEverAreGivenUp() {
    Simulation simulation = new Simulation(4, new Limits(1000, Duration.ofDays(1)));
    SimulationFailure failure =
        assertThrows(
            SimulationFailure.class,
            () ->
                simulation.run(() -> {
                  while (true) {
                    simulation.clock().sleep(Duration.ofNanos(1));
                  }
                }));
    assertTrue(failure.toString().contains("no end"), failure.toString());
  }

  @Test
  void loopThatReadsTheClockWithoutSleepingIsFound() {
    assertThrows(
        SimulationFailure.class,
        () ->
            Simulation.run(
                5,
                world -> {
                  Deadline deadline = Deadline.after(world.clock(), SECOND);
                  while (!deadline.expired(world.clock())) {}
                }));
  }

  @Test
  void sleepOfTheJdkIsReported() {
    SimulationFailure failure =
        assertThrows(SimulationFailure.class, () -> Simulation.run(6, world -> jdkSleep()));
    assertTrue(failure.toString().contains("Thread.sleep"), failure.toString());
  }

  private static void jdkSleep() {
    try {
      Thread.sleep(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void contendedMonitorIsReported() {
    Object monitor = new Object();
    SimulationFailure failure =
        assertThrows(
            SimulationFailure.class,
            () ->
                Simulation.run(
                    7,
                    world -> {
                      Runnable body =
                          () -> {
                            synchronized (monitor) {
                              world.clock().sleep(SECOND);
                            }
                          };
                      Task other = world.tasks().start("other", body);
                      body.run();
                      other.join();
                    }));
    assertTrue(failure.toString().contains("monitor"), failure.toString());
  }

  @Test
  void failureOfTheBodyIsThrownAsItIsAndNamesTheSeed() {
    AssertionError expected = new AssertionError("no");
    AssertionError thrown =
        assertThrows(
            AssertionError.class,
            () ->
                Simulation.run(
                    77,
                    world -> {
                      throw expected;
                    }));
    assertEquals(expected, thrown);
    assertTrue(thrown.getSuppressed()[0].toString().contains("seed 77"));
  }

  @Test
  void unexpectedFailureOfATaskFailsTheSimulation() {
    SimulationFailure failure =
        assertThrows(
            SimulationFailure.class,
            () ->
                Simulation.run(
                    8,
                    world -> {
                      world
                          .tasks()
                          .start(
                              "bad",
                              () -> {
                                throw new IllegalStateException("broken");
                              });
                      world.clock().sleep(SECOND);
                    }));
    assertTrue(String.valueOf(failure.getCause()).contains("broken"));
  }

  @Test
  void killStopsTasksWithoutRunningTheirCleanUp() {
    List<String> events = new ArrayList<>();
    Simulation.run(
        9,
        world -> {
          SimNode node = world.node("a");
          Clock clock = node.clock();
          Task task =
              node.tasks()
                  .start(
                      "work",
                      () -> {
                        try {
                          clock.sleep(SECOND);
                          events.add("went on");
                        } finally {
                          if (world.node("a").isRunning()) {
                            events.add("cleaned up");
                          }
                        }
                      });
          clock.schedule(SECOND, () -> events.add("timer"));
          world.clock().sleep(Duration.ofMillis(1));
          node.kill();
          assertTrue(task.isDone());
          task.join();
          world.clock().sleep(Duration.ofSeconds(5));
          assertThrows(GarageException.Cancelled.class, clock::nanos);
          assertThrows(GarageException.Cancelled.class, () -> node.tasks().start("x", () -> {}));
          node.start();
          node.tasks().start("again", () -> events.add("second life")).join();
          events.add("end");
        });
    assertEquals(List.of("second life", "end"), events.subList(0, 2));
    assertFalse(events.contains("went on"));
    assertFalse(events.contains("timer"));
  }

  @Test
  void nodeMayKillItself() {
    List<String> events = new ArrayList<>();
    Simulation.run(
        10,
        world -> {
          SimNode node = world.node("a");
          node.tasks()
              .start(
                  "suicide",
                  () -> {
                    node.powerOff();
                    events.add("still here");
                  })
              .join();
          assertFalse(node.isRunning());
        });
    assertEquals(List.of(), events);
  }

  @Test
  void frozenNodeDoesNothingUntilThawed() {
    Simulation.run(
        11,
        world -> {
          SimNode node = world.node("a");
          List<Long> beats = new ArrayList<>();
          node.tasks()
              .start(
                  "heart",
                  () -> {
                    while (true) {
                      beats.add(node.clock().nanos());
                      node.clock().sleep(SECOND);
                    }
                  });
          world.clock().sleep(Duration.ofSeconds(10));
          node.freeze();
          int before = beats.size();
          world.clock().sleep(Duration.ofSeconds(10));
          assertEquals(before, beats.size());
          node.thaw();
          world.clock().sleep(Duration.ofSeconds(10));
          assertTrue(beats.size() >= before + 9);
        });
  }

  @Test
  void wallClocksDriftAndJumpApartWhileMonotonicTimeDoesNot() {
    Simulation.run(
        12,
        world -> {
          SimNode fast = world.node("fast");
          SimNode good = world.node("good");
          fast.driftWall(1000);
          long before = fast.clock().nanos();
          world.clock().sleep(Duration.ofSeconds(1000));
          assertEquals(
              good.clock().wallMillis() + 1000, fast.clock().wallMillis(), "1000 ppm of 1000 s");
          fast.jumpWall(Duration.ofHours(-1));
          assertEquals(good.clock().wallMillis() + 1000 - 3_600_000, fast.clock().wallMillis());
          assertEquals(Duration.ofSeconds(1000).toNanos(), fast.clock().nanos() - before);
        });
  }

  @Test
  void timedWaitThatIsSignalledAndTimesOutAtOnceLeavesNoInterrupt() {
    for (int seed = 0; seed < 50; seed++) {
      Simulation.run(
          seed,
          world -> {
            Clock clock = world.clock();
            Gate gate = new Gate(clock);
            boolean[] open = new boolean[1];
            Task waiter =
                world
                    .tasks()
                    .start(
                        "waiter",
                        () -> {
                          gate.lock();
                          try {
                            gate.await(() -> open[0], Deadline.after(clock, SECOND));
                          } finally {
                            gate.unlock();
                          }
                          assertFalse(Thread.currentThread().isInterrupted());
                          clock.sleep(SECOND);
                        });
            clock.sleep(SECOND);
            gate.update(() -> open[0] = true);
            waiter.join();
          });
    }
  }

  @Test
  void invariantIsCheckedAfterEveryStep() {
    int[] balance = new int[1];
    SimulationFailure failure =
        assertThrows(
            SimulationFailure.class,
            () ->
                Simulation.run(
                    13,
                    world -> {
                      world.afterEveryStep(() -> {
                        if (balance[0] != 0) {
                          throw new SimulationFailure("unbalanced");
                        }
                      });
                      balance[0]++;
                      world.clock().sleep(SECOND);
                      balance[0]--;
                    }));
    assertTrue(failure.toString().contains("unbalanced"));
  }
}
