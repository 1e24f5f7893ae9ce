package garage.db.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemDisk;
import garage.common.error.GarageException;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.db.Store;
import garage.db.TreeOptions;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.db.rocksdb.RocksSettings;
import garage.db.rocksdb.RocksStore;
import garage.testkit.env.SimDisk;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of both engines: what they hold, how many are kept, and what a failure leaves. */
class SnapshotsTest {
  private static final String TREE = "rows";
  private static final byte[] KEY = bytes("key");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void aSnapshotHoldsTheStoreAndTheFilesOfItsMoment() {
    onNode(node -> {
      node.put("before");
      String name = node.snapshots.take();
      node.put("after");
      assertEquals(List.of(name), node.snapshots.list());
      assertEquals("before", node.copy(name));
      assertArrayEquals(bytes("me"), node.disk.readAll(name + "/identity"));
    });
  }

  @Test
  void twoAreKept() {
    onNode(node -> {
      String first = node.snapshots.take();
      String second = node.takeLater();
      assertEquals(List.of(first, second), node.snapshots.list());
      String third = node.takeLater();
      assertEquals(List.of(second, third), node.snapshots.list());
      assertTrue(node.disk.files().stream().noneMatch(file -> file.startsWith(first)));
    });
  }

  @Test
  void whatIsNotASnapshotIsLeftAlone() {
    onNode(node -> {
      node.disk.replace("notes.txt", bytes("mine"));
      for (int i = 0; i < 3; i++) {
        node.takeLater();
      }
      assertArrayEquals(bytes("mine"), node.disk.readAll("notes.txt"));
    });
  }

  @Test
  void oneThatFailsLeavesNothingAndIsNotCounted() {
    onNode(node -> {
      String good = node.snapshots.take();
      node.disk.failWrites(1);
      assertThrows(GarageException.class, node::takeLater);
      node.disk.failWrites(0);
      assertEquals(List.of(good), node.snapshots.list());
      assertTrue(node.disk.files().stream().allMatch(file -> file.startsWith(good)));
    });
  }

  @Test
  void oneThatACrashInterruptedIsRemovedByTheNext() {
    onNode(node -> {
      String unfinished = "2020-01-01T00:00:00.000Z";
      node.disk.createDirectories(unfinished + "/db.tmp");
      node.disk.replace(unfinished + "/db.tmp/CURRENT", bytes("x"));
      assertEquals(List.of(), node.snapshots.list());
      String good = node.snapshots.take();
      assertEquals(List.of(good), node.snapshots.list());
      assertTrue(node.disk.files().stream().allMatch(file -> file.startsWith(good)));
    });
  }

  @Test
  void theWorkerTakesTheFirstAfterHalfTheIntervalAndThenOnePerInterval() {
    onNode(node -> {
      Duration interval = Duration.ofHours(1);
      SnapshotWorker worker =
          new SnapshotWorker(node.snapshots, interval, node.clock, node.machine.random());
      assertEquals(new WorkerState.Idle(Duration.ofMinutes(30)), worker.step());
      assertEquals(List.of(), node.snapshots.list());
      assertNull(worker.progress());

      node.clock.sleep(Duration.ofMinutes(30));
      Duration pause = idle(worker.step());
      assertEquals(1, node.snapshots.list().size());
      assertNotNull(worker.progress());
      assertTrue(
          pause.compareTo(interval) >= 0 && pause.compareTo(Duration.ofMinutes(72)) <= 0,
          pause.toString());

      node.clock.sleep(pause.minusSeconds(1));
      assertTrue(idle(worker.step()).compareTo(Duration.ofSeconds(1)) <= 0);
      assertEquals(1, node.snapshots.list().size());
      node.clock.sleep(Duration.ofSeconds(1));
      worker.step();
      assertEquals(2, node.snapshots.list().size());
    });
  }

  @Test
  void aCopyOfRocksDbOpensWithWhatItHeld() {
    Clock clock = new SystemClock();
    Path place = directory.resolve("snapshots");
    Disk disk = new SystemDisk(place);
    Map<String, TreeOptions> trees = Map.of(TREE, TreeOptions.bulk());
    byte[] large = new byte[100_000]; // lives in a blob file
    try (Store store = open(directory.resolve("db"), trees)) {
      Snapshots snapshots =
          new Snapshots(store, TreeMap::new, new SnapshotPlace(disk, "", place.toString()), clock);
      store.commit(new Batch().put(store.tree(TREE), KEY, large));
      for (int i = 0; i < 3; i++) {
        clock.sleep(Duration.ofMillis(2)); // names have milliseconds
        snapshots.take();
      }
      store.commit(new Batch().delete(store.tree(TREE), KEY));
      assertEquals(Snapshots.KEPT, snapshots.list().size());
      assertEquals(Snapshots.KEPT, disk.list("").size());
      String newest = snapshots.list().getLast();
      try (Store copy = open(place.resolve(newest).resolve(Snapshots.STORE), trees)) {
        assertArrayEquals(large, copy.get(copy.tree(TREE), KEY));
      }
    }
  }

  private static Store open(Path directory, Map<String, TreeOptions> trees) {
    return RocksStore.open(directory.toString(), trees, RocksSettings.defaults());
  }

  private static Duration idle(WorkerState state) {
    return state instanceof WorkerState.Idle(Duration recheck) ? recheck : Duration.ZERO;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void onNode(Consumer<Node> body) {
    Simulation.run(7, simulation -> body.accept(new Node(simulation.node("a"))));
  }

  /** A store in memory with a disk for its snapshots. */
  private static final class Node {
    final SimNode machine;
    final Clock clock;
    final SimDisk disk;
    final MemoryStorage storage = new MemoryStorage();
    final Store store;
    final Snapshots snapshots;

    Node(SimNode machine) {
      this.machine = machine;
      this.clock = machine.clock();
      this.disk = machine.disk("snapshots");
      this.store = new MemoryStore(storage, Set.of(TREE), clock, Duration.ZERO);
      this.snapshots =
          new Snapshots(
              store,
              () -> new TreeMap<>(Map.of("identity", bytes("me"))),
              new SnapshotPlace(disk, "", "snapshots"),
              clock);
    }

    void put(String value) {
      store.commit(new Batch().put(store.tree(TREE), KEY, bytes(value)));
    }

    String takeLater() {
      clock.sleep(Duration.ofSeconds(1));
      return snapshots.take();
    }

    String copy(String name) {
      MemoryStorage copied =
          Objects.requireNonNull(storage.copy("snapshots/" + name + "/" + Snapshots.STORE));
      try (Store copy = new MemoryStore(copied, Set.of(TREE), clock, Duration.ZERO)) {
        return new String(
            Objects.requireNonNull(copy.get(copy.tree(TREE), KEY)), StandardCharsets.UTF_8);
      }
    }
  }
}
