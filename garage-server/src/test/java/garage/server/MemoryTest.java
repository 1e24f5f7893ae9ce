package garage.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.db.Store;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.rpc.handshake.NodeIdentity;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** A node whose metadata store is not the one it had must not count as what it was. */
final class MemoryTest {
  @Test
  void aNewNodeBeginsAndComesBackWithItsStore() {
    on((node, disk) -> {
      MemoryStorage storage = new MemoryStorage();
      check(node, disk, storage);
      NodeIdentity.loadOrCreate(disk);
      BootCount.next(disk);
      assertDoesNotThrow(() -> check(node, disk, storage));
    });
  }

  @Test
  void aNodeThatLostItsPowerBeforeItHadAKeyBeginsAnew() {
    on((node, disk) -> {
      MemoryStorage storage = new MemoryStorage();
      check(node, disk, storage);
      check(node, disk, storage);
      NodeIdentity.loadOrCreate(disk);
      assertDoesNotThrow(() -> check(node, disk, storage));
    });
  }

  @Test
  void aNodeThatHasItsKeyAndAnotherStoreIsToldHowItIsReplaced() {
    on((node, disk) -> {
      check(node, disk, new MemoryStorage());
      NodeIdentity.loadOrCreate(disk);
      GarageException.Corrupt refusal =
          assertThrows(GarageException.Corrupt.class, () -> check(node, disk, new MemoryStorage()));
      assertTrue(
          String.valueOf(refusal.getMessage()).contains("garage layout assign NEW --replace OLD"));
    });
  }

  @Test
  void aNodeThatHasCountedStartsAndHasAnotherStoreIsRefused() {
    on((node, disk) -> {
      check(node, disk, new MemoryStorage());
      BootCount.next(disk);
      assertThrows(GarageException.Corrupt.class, () -> check(node, disk, new MemoryStorage()));
    });
  }

  private static void on(BiConsumer<SimNode, Disk> test) {
    Simulation.run(
        1,
        simulation -> {
          SimNode node = simulation.node("n");
          test.accept(node, node.disk("meta"));
        });
  }

  /** As at a start of the node on {@code storage}. */
  private static void check(SimNode node, Disk disk, MemoryStorage storage) {
    try (Store store = new MemoryStore(storage, Set.of(Memory.TREE), node.clock(), Duration.ZERO)) {
      Memory.check(disk, store);
    }
  }
}
