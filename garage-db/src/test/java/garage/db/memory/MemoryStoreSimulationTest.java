package garage.db.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Tasks.Task;
import garage.common.error.GarageException;
import garage.db.Batch;
import garage.db.CommitStatistics;
import garage.db.Tree;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Durability and grouping of the store in memory, in virtual time. */
class MemoryStoreSimulationTest {
  private static final Duration SYNC = Duration.ofMillis(2);
  private static final Set<String> TREES = Set.of("rows", "counters");

  private MemoryStorage storage = new MemoryStorage();

  @Test
  void aBatchBecomesVisibleWhenItsSyncEndsAndNotBefore() {
    Simulation.run(
        1,
        world -> {
          MemoryStore store = open(world);
          long begin = world.clock().nanos();
          Task task = world.tasks().start("commit", () -> put(store, 1));
          world.clock().sleep(SYNC.minusNanos(1));
          assertNull(get(store, 1));
          task.join();
          assertNotNull(get(store, 1));
          assertTrue(world.clock().nanos() - begin >= SYNC.toNanos());
        });
  }

  @Test
  void aCancelledTaskStaysUntilItsBatchIsVisible() {
    Simulation.run(
        6,
        world -> {
          MemoryStore store = open(world);
          Task task = world.tasks().start("commit", () -> put(store, 1));
          world.clock().sleep(SYNC.dividedBy(2));
          task.cancel();
          world.clock().sleep(SYNC.dividedBy(4));
          assertFalse(task.isDone(), "its locks would be free, and its batch still to come");
          task.join();
          assertNotNull(get(store, 1));
        });
  }

  @Test
  void batchesThatArriveDuringASyncShareTheNextOne() {
    Simulation.run(
        2,
        world -> {
          MemoryStore store = open(world);
          Task first = world.tasks().start("first", () -> put(store, 0));
          world.clock().sleep(SYNC.dividedBy(2));
          List<Task> others = putAll(world, store, 1, 50);
          others.forEach(Task::join);
          first.join();
          assertEquals(new CommitStatistics(50, 2, 2), store.statistics());
        });
  }

  @Test
  void aCrashForgetsWhatIsNotSyncedAndFailsWhoWaits() {
    Simulation.run(
        3,
        world -> {
          MemoryStore store = open(world);
          put(store, 0);
          List<Task> tasks = putAll(world, store, 1, 5);
          world.clock().sleep(SYNC.dividedBy(2));
          assertEquals(4, store.waiting());
          storage.crash();
          tasks.forEach(Task::join);
          assertThrows(GarageException.StorageFailed.class, () -> get(store, 0));
          MemoryStore reopened = open(world);
          world.clock().sleep(SYNC.multipliedBy(3));
          assertNotNull(get(reopened, 0), "it was synced");
          for (int i = 1; i < 5; i++) {
            assertNull(get(reopened, i), "the crashed store's sync has no effect any more");
          }
        });
  }

  @Test
  void aCrashMayKeepTheFirstOfThoseThatWait() {
    Simulation.run(
        4,
        world -> {
          MemoryStore store = open(world);
          for (int i = 0; i < 3; i++) {
            putAll(world, store, i, i + 1);
            world.clock().sleep(Duration.ofNanos(10));
          }
          storage.crash(2);
          MemoryStore reopened = open(world);
          assertNotNull(get(reopened, 0));
          assertNotNull(get(reopened, 1));
          assertNull(get(reopened, 2));
        });
  }

  @Test
  void aNodeThatLosesItsPowerKeepsWhatItAcknowledged() {
    for (int seed = 0; seed < 20; seed++) {
      MemoryStorage disk = new MemoryStorage();
      Simulation.run(
          seed,
          world -> {
            SimNode node = world.node("n");
            node.onPowerOff(disk::crash);
            MemoryStore store = new MemoryStore(disk, TREES, node.clock(), SYNC);
            List<Integer> acknowledged = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
              int task = t;
              node.tasks().start("w" + t, () -> writeForEver(store, task, acknowledged));
            }
            world.clock().sleep(Duration.ofNanos(1000L * world.random().nextInt(30_000)));
            node.powerOff();
            node.start();
            MemoryStore reopened = new MemoryStore(disk, TREES, node.clock(), SYNC);
            acknowledged.forEach(i -> assertNotNull(get(reopened, i), "lost " + i));
            assertEquals(
                reopened.approximateCount(reopened.tree("rows")),
                Batch.counter(reopened.get(reopened.tree("counters"), key(0))));
          });
    }
  }

  private static void writeForEver(MemoryStore store, int task, List<Integer> acknowledged) {
    for (int i = task; true; i += 4) {
      put(store, i);
      acknowledged.add(i);
    }
  }

  @Test
  void aFullDiskRefusesCommitsUntilThereIsSpaceAgain() {
    Simulation.run(
        5,
        world -> {
          MemoryStore store = open(world);
          put(store, 1);
          storage.setFull(true);
          assertThrows(GarageException.StorageFull.class, () -> put(store, 2));
          assertNotNull(get(store, 1));
          assertNull(get(store, 2));
          storage.setFull(false);
          put(store, 2);
          assertNotNull(get(store, 2));
        });
  }

  @Test
  void aStoreWhoseWriteFailedWritesNothingMoreUntilItIsOpenedAgain() {
    for (boolean kept : new boolean[] {false, true}) {
      storage = new MemoryStorage();
      Simulation.run(
          7,
          world -> {
            MemoryStore store = open(world);
            put(store, 1);
            storage.failNextWrite(kept);
            assertThrows(GarageException.StorageFailed.class, () -> put(store, 2));
            assertThrows(GarageException.StorageFailed.class, () -> put(store, 3));
            assertNotNull(get(store, 1));
            assertNull(get(store, 2));
            store.crash(1);
            MemoryStore reopened = open(world);
            assertEquals(kept, get(reopened, 2) != null);
            assertNull(get(reopened, 3));
            put(reopened, 3);
            assertNotNull(get(reopened, 3));
          });
    }
  }

  @Test
  void closingWaitsForTheBatchesUnderWay() {
    Simulation.run(
        6,
        world -> {
          MemoryStore store = open(world);
          List<Task> tasks = putAll(world, store, 0, 10);
          world.clock().sleep(SYNC.dividedBy(2));
          store.close();
          tasks.forEach(Task::join);
          MemoryStore reopened = open(world);
          for (int i = 0; i < 10; i++) {
            assertNotNull(get(reopened, i));
          }
        });
  }

  @Test
  void theQueueIsBoundedAndEveryoneIsServed() {
    Simulation.run(
        7,
        world -> {
          MemoryStore store = open(world);
          int count = 2 * MemoryStore.QUEUE_BATCHES_MAX + 10;
          List<Task> tasks = putAll(world, store, 0, count);
          world.clock().sleep(SYNC.dividedBy(2));
          assertTrue(store.waiting() <= 2 * MemoryStore.QUEUE_BATCHES_MAX);
          tasks.forEach(Task::join);
          assertEquals(count, store.approximateCount(store.tree("rows")));
        });
  }

  @Test
  void equalSeedsGiveEqualRuns() {
    assertArrayEquals(busyRun(11).toArray(), busyRun(11).toArray());
  }

  private static List<Integer> busyRun(long seed) {
    List<Integer> order = new ArrayList<>();
    Simulation.run(
        seed,
        world -> {
          MemoryStore store = new MemoryStore(new MemoryStorage(), TREES, world.clock(), SYNC);
          List<Task> tasks = new ArrayList<>();
          for (int t = 0; t < 10; t++) {
            int task = t;
            tasks.add(
                world
                    .tasks()
                    .start(
                        "t" + t,
                        () -> {
                          for (int i = 0; i < 10; i++) {
                            world
                                .clock()
                                .sleep(Duration.ofNanos(1000L * world.random().nextInt(4000)));
                            put(store, task * 10 + i);
                            order.add(task * 10 + i);
                          }
                        }));
          }
          tasks.forEach(Task::join);
        });
    return order;
  }

  private MemoryStore open(Simulation world) {
    return new MemoryStore(storage, TREES, world.clock(), SYNC);
  }

  private static List<Task> putAll(Simulation world, MemoryStore store, int from, int to) {
    List<Task> tasks = new ArrayList<>();
    for (int i = from; i < to; i++) {
      int number = i;
      tasks.add(world.tasks().start("put " + i, () -> put(store, number)));
    }
    return tasks;
  }

  private static void put(MemoryStore store, int number) {
    Tree rows = store.tree("rows");
    store.commit(
        new Batch().put(rows, key(number), key(number)).add(store.tree("counters"), key(0), 1));
  }

  private static byte @Nullable [] get(MemoryStore store, int number) {
    return store.get(store.tree("rows"), key(number));
  }

  private static byte[] key(int number) {
    return new byte[] {(byte) (number >> 8), (byte) number};
  }
}
