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
      Memory.check(disk, store(node, storage));
      NodeIdentity.loadOrCreate(disk);
      BootCount.next(disk);
      assertDoesNotThrow(() -> Memory.check(disk, store(node, storage)));
    });
  }

  @Test
  void aNodeThatLostItsPowerBeforeItHadAKeyBeginsAnew() {
    on((node, disk) -> {
      MemoryStorage storage = new MemoryStorage();
      Memory.check(disk, store(node, storage));
      Memory.check(disk, store(node, storage));
      NodeIdentity.loadOrCreate(disk);
      assertDoesNotThrow(() -> Memory.check(disk, store(node, storage)));
    });
  }

  @Test
  void aNodeThatHasItsKeyAndAnotherStoreIsToldHowItIsReplaced() {
    on((node, disk) -> {
      Memory.check(disk, store(node, new MemoryStorage()));
      NodeIdentity.loadOrCreate(disk);
      GarageException.Corrupt refusal =
          assertThrows(
              GarageException.Corrupt.class,
              () -> Memory.check(disk, store(node, new MemoryStorage())));
      assertTrue(
          String.valueOf(refusal.getMessage()).contains("garage layout assign NEW --replace OLD"));
    });
  }

  @Test
  void aNodeThatHasCountedStartsAndHasAnotherStoreIsRefused() {
    on((node, disk) -> {
      Memory.check(disk, store(node, new MemoryStorage()));
      BootCount.next(disk);
      assertThrows(
          GarageException.Corrupt.class,
          () -> Memory.check(disk, store(node, new MemoryStorage())));
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

  private static Store store(SimNode node, MemoryStorage storage) {
    return new MemoryStore(storage, Set.of(Memory.TREE), node.clock(), Duration.ZERO);
  }
}
