package garage.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Tasks;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Locks of keys: who may hold what together, under many schedules. */
final class KeyedLocksTest {
  private static final int KEYS = 4;

  @Test
  void nobodyHoldsAKeyBesideItsExclusiveHolderAndEverybodyGetsHisTurn() {
    for (long seed = 0; seed < 100; seed++) {
      Simulation.run(seed, KeyedLocksTest::crowd);
    }
  }

  private static void crowd(Simulation world) {
    KeyedLocks<Integer> locks = new KeyedLocks<>(world.clock());
    int[] holders = new int[KEYS]; // -1 exclusive, else the number of shared ones
    List<Tasks.Task> tasks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      SeededRandom random = world.random().split("task " + i);
      tasks.add(
          world
              .tasks()
              .start(
                  "t" + i,
                  () -> {
                    for (int round = 0; round < 20; round++) {
                      use(world, locks, holders, random);
                    }
                  }));
    }
    tasks.forEach(Tasks.Task::join);
    assertTrue(locks.idle());
  }

  private static void use(
      Simulation world, KeyedLocks<Integer> locks, int[] holders, SeededRandom random) {
    Set<Integer> keys = new TreeSet<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      keys.add(random.nextInt(KEYS));
    }
    boolean exclusive = random.chance(0.4);
    try (KeyedLocks.Held held = exclusive ? locks.exclusive(keys) : locks.shared(keys)) {
      for (int key : keys) {
        assertTrue(exclusive ? holders[key] == 0 : holders[key] >= 0);
        holders[key] = exclusive ? -1 : holders[key] + 1;
      }
      world.clock().sleep(Duration.ofMillis(random.nextInt(5)));
      for (int key : keys) {
        holders[key] = exclusive ? 0 : holders[key] - 1;
      }
    }
  }

  @Test
  void sharedHoldersShareAndTryingDoesNotWait() {
    Simulation.run(
        1,
        world -> {
          KeyedLocks<Integer> locks = new KeyedLocks<>(world.clock());
          KeyedLocks.Held one = locks.shared(List.of(1, 2));
          KeyedLocks.Held two = locks.shared(List.of(2, 3));
          assertNull(locks.tryExclusive(1));
          one.close();
          KeyedLocks.Held three = locks.tryExclusive(1);
          assertNotNull(three);
          assertNull(locks.tryExclusive(1));
          two.close();
          assertFalse(locks.idle());
          three.close();
          assertTrue(locks.idle());
        });
  }

  @Test
  void whoWaitsForAnExclusiveLockIsNotOvertakenForEver() {
    Simulation.run(
        1,
        world -> {
          KeyedLocks<Integer> locks = new KeyedLocks<>(world.clock());
          List<String> order = new ArrayList<>();
          KeyedLocks.Held first = locks.shared(List.of(1));
          Tasks.Task writer = world.tasks().start("writer", () -> hold(locks, true, order));
          world.clock().sleep(Duration.ofMillis(1));
          Tasks.Task reader = world.tasks().start("reader", () -> hold(locks, false, order));
          world.clock().sleep(Duration.ofMillis(1));
          first.close();
          writer.join();
          reader.join();
          assertEquals(List.of("exclusive", "shared"), order);
        });
  }

  private static void hold(KeyedLocks<Integer> locks, boolean exclusive, List<String> order) {
    try (KeyedLocks.Held held = exclusive ? locks.exclusive(1) : locks.shared(List.of(1))) {
      order.add(exclusive ? "exclusive" : "shared");
    }
  }

  @Test
  void aCancelledWaiterLeavesNothingBehind() {
    Simulation.run(
        1,
        world -> {
          KeyedLocks<Integer> locks = new KeyedLocks<>(world.clock());
          KeyedLocks.Held one = locks.shared(List.of(2));
          Tasks.Task writer = world.tasks().start("writer", () -> locks.exclusive(List.of(1, 2)));
          world.clock().sleep(Duration.ofMillis(1));
          writer.cancel();
          writer.join();
          try (KeyedLocks.Held shared = locks.shared(List.of(1, 2))) {
            assertFalse(locks.idle());
          }
          one.close();
          assertTrue(locks.idle());
        });
  }
}
