package garage.block.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.testkit.env.SimDisk;
import garage.testkit.env.Simulation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The reserve of a disk. */
final class SpaceGuardTest {
  private static final long MIB = 1 << 20;

  @Test
  void aReserveIsAShareWithinBounds() {
    SpaceReserve reserve = new SpaceReserve(0.1, new ByteSize(50), new ByteSize(200));
    assertEquals(50, reserve.bytes(100));
    assertEquals(100, reserve.bytes(1000));
    assertEquals(200, reserve.bytes(1_000_000));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SpaceReserve(0.6, new ByteSize(1), new ByteSize(2)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SpaceReserve(0.1, new ByteSize(3), new ByteSize(2)));
  }

  @Test
  void writesAreRefusedFromTheReserveOnAndResumeByThemselves() {
    Simulation.run(
        1,
        world -> {
          SimDisk disk = SimDisk.standalone(1);
          disk.capacity(100 * MIB);
          SpaceGuard guard =
              new SpaceGuard("/d", disk, SpaceReserve.of(new ByteSize(90 * MIB)), world.clock());
          guard.spend(10 * MIB);
          disk.capacity(95 * MIB); // others use 5 MiB
          assertThrows(GarageException.StorageFull.class, () -> guard.spend(10 * MIB));
          guard.spend(5 * MIB);
          disk.capacity(110 * MIB);
          guard.spend(10 * MIB);
        });
  }

  @Test
  void whatOthersUseIsSeenWithinASecond() {
    Simulation.run(
        1,
        world -> {
          SimDisk disk = SimDisk.standalone(1);
          disk.capacity(200 * MIB);
          SpaceGuard guard =
              new SpaceGuard("/d", disk, SpaceReserve.of(new ByteSize(90 * MIB)), world.clock());
          guard.spend(1);
          disk.capacity(90 * MIB);
          guard.spend(1);
          world.clock().sleep(Duration.ofMillis(1001));
          assertThrows(GarageException.StorageFull.class, () -> guard.spend(1));
        });
  }

  @Test
  void whatWasAllowedIsCountedUntilTheDiskShowsIt() {
    Simulation.run(
        1,
        world -> {
          SimDisk disk = SimDisk.standalone(1);
          disk.capacity(100 * MIB);
          SpaceGuard guard =
              new SpaceGuard("/d", disk, SpaceReserve.of(new ByteSize(50 * MIB)), world.clock());
          for (int i = 0; i < 50; i++) {
            guard.spend(MIB);
          }
          // Nothing was written, so the next look finds the space again.
          guard.spend(MIB);
          disk.capacity(50 * MIB);
          world.clock().sleep(Duration.ofSeconds(2));
          assertThrows(GarageException.StorageFull.class, () -> guard.spend(1));
        });
  }
}
