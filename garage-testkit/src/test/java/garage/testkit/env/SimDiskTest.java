package garage.testkit.env;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Disk;
import garage.common.env.DiskFile;
import garage.common.error.GarageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How a simulated disk forgets and fails. Each outcome a crash may have must come up, no other. */
final class SimDiskTest {
  private static final int SEEDS = 200;

  private static DiskFile written(SimDisk disk, String path, String text) {
    DiskFile file = disk.create(path);
    file.write(0, ByteBuffer.wrap(text.getBytes(UTF_8)));
    return file;
  }

  private static String text(SimDisk disk, String path) {
    return disk.exists(path) ? new String(disk.readAll(path), UTF_8) : "none";
  }

  /** What {@code path} holds after a loss of power, over many seeds. */
  private static Set<String> outcomes(String path, java.util.function.Consumer<SimDisk> before) {
    Set<String> outcomes = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      SimDisk disk = SimDisk.standalone(seed);
      before.accept(disk);
      disk.powerOff();
      outcomes.add(text(disk, path));
    }
    return outcomes;
  }

  @Test
  void anEmptyFileDoesNotRot() {
    SimDisk disk = SimDisk.standalone(1);
    written(disk, "file", "").sync();
    disk.rot("file");
    assertEquals("", text(disk, "file"));
  }

  @Test
  void aMisdirectedWriteReplacesAnotherFileForGood() {
    SimDisk disk = SimDisk.standalone(1);
    written(disk, "one", "first").sync();
    written(disk, "two", "second").sync();
    disk.syncDirectory("");
    disk.misdirect("one", "two");
    assertEquals("first", text(disk, "two"));
    disk.powerOff();
    assertEquals("first", text(disk, "one"));
    assertEquals("first", text(disk, "two"));
  }

  @Test
  void aWipedDiskHasNoFileAndTakesNewOnes() {
    SimDisk disk = SimDisk.standalone(1);
    DiskFile old = written(disk, "file", "old");
    old.sync();
    disk.syncDirectory("");
    disk.wipe();
    assertEquals("none", text(disk, "file"));
    assertThrows(GarageException.StorageFailed.class, old::sync);
    written(disk, "file", "new");
    assertEquals("new", text(disk, "file"));
  }

  @Test
  void whatWasSyncedWithItsNameSurvives() {
    assertEquals(
        Set.of("kept"),
        outcomes(
            "file",
            disk -> {
              written(disk, "file", "kept").sync();
              disk.syncDirectory("");
            }));
  }

  @Test
  void unsyncedBytesMayBeLostOrKept() {
    Set<String> outcomes =
        outcomes(
            "file",
            disk -> {
              written(disk, "file", "").sync();
              disk.syncDirectory("");
              DiskFile file = disk.create("file");
              file.write(0, ByteBuffer.wrap("new".getBytes(UTF_8)));
            });
    assertEquals(Set.of("", "new"), outcomes);
  }

  @Test
  void unsyncedNameMayBeLostThoughTheBytesWereSynced() {
    assertEquals(
        Set.of("none", "kept"), outcomes("file", disk -> written(disk, "file", "kept").sync()));
  }

  @Test
  void renameWithoutDirectorySyncShowsTheOldOrTheNewFileWhole() {
    assertEquals(
        Set.of("old", "new"),
        outcomes(
            "file",
            disk -> {
              disk.replace("file", "old".getBytes(UTF_8));
              written(disk, "file.tmp", "new").sync();
              disk.rename("file.tmp", "file");
            }));
  }

  @Test
  void renameOfUnsyncedBytesMayShowAnEmptyFile() {
    assertTrue(
        outcomes(
                "file",
                disk -> {
                  disk.replace("file", "old".getBytes(UTF_8));
                  written(disk, "file.tmp", "new");
                  disk.rename("file.tmp", "file");
                  disk.syncDirectory("");
                })
            .contains(""));
  }

  @Test
  void replaceLeavesTheOldOrTheNewContentAtEveryMoment() {
    assertEquals(
        Set.of("new"),
        outcomes(
            "file",
            disk -> {
              disk.replace("file", "old".getBytes(UTF_8));
              disk.replace("file", "new".getBytes(UTF_8));
            }));
  }

  @Test
  void deletionWithoutDirectorySyncMayBeUndone() {
    assertEquals(
        Set.of("none", "old"),
        outcomes(
            "file",
            disk -> {
              disk.replace("file", "old".getBytes(UTF_8));
              disk.delete("file");
            }));
  }

  @Test
  void deletionWithDirectorySyncIsFinal() {
    assertEquals(
        Set.of("none"),
        outcomes(
            "file",
            disk -> {
              disk.replace("file", "old".getBytes(UTF_8));
              disk.delete("file");
              disk.syncDirectory("");
            }));
  }

  @Test
  void syncOfOneDirectoryDoesNothingForAnother() {
    assertEquals(
        Set.of("none", "kept"),
        outcomes(
            "a/file",
            disk -> {
              disk.createDirectories("a");
              disk.createDirectories("b");
              written(disk, "a/file", "kept").sync();
              disk.syncDirectory("b");
              disk.syncDirectory("");
            }));
  }

  @Test
  void moveBetweenDirectoriesIsDurableOnceTheTargetIsSynced() {
    assertEquals(
        Set.of("kept"),
        outcomes(
            "b/file",
            disk -> {
              disk.createDirectories("a");
              disk.createDirectories("b");
              written(disk, "a/file", "kept").sync();
              disk.rename("a/file", "b/file");
              disk.syncDirectory("b");
              assertFalse(disk.exists("a/file"));
            }));
  }

  @Test
  void largeUnsyncedWriteMayBeTornAtSectors() {
    int sectors = 16;
    boolean torn = false;
    for (int seed = 0; seed < SEEDS; seed++) {
      SimDisk disk = SimDisk.standalone(seed);
      disk.replace("file", new byte[sectors * FileBytes.SECTOR_BYTES]);
      DiskFile file = disk.create("other");
      file.close();
      byte[] ones = new byte[sectors * FileBytes.SECTOR_BYTES];
      Arrays.fill(ones, (byte) 1);
      rewrite(disk, "file", ones);
      disk.powerOff();
      torn |= sectorsOf(disk.readAll("file")).size() > 1;
    }
    assertTrue(torn);
  }

  /** Writes over a file without emptying it, as no method of the seam does in one call. */
  private static void rewrite(SimDisk disk, String path, byte[] bytes) {
    DiskFile file = disk.create(path + ".new");
    file.write(0, ByteBuffer.allocate(bytes.length));
    file.sync();
    disk.rename(path + ".new", path);
    disk.syncDirectory("");
    file.write(0, ByteBuffer.wrap(bytes));
  }

  /** The values the sectors have; each is of one value. */
  private static Set<Byte> sectorsOf(byte[] bytes) {
    Set<Byte> values = new HashSet<>();
    for (int at = 0; at < bytes.length; at += FileBytes.SECTOR_BYTES) {
      byte first = bytes[at];
      for (int i = 0; i < FileBytes.SECTOR_BYTES; i++) {
        assertEquals(first, bytes[at + i], "a torn sector");
      }
      values.add(first);
    }
    return values;
  }

  @Test
  void bytesLostByAFailedSyncAreNotBroughtBackByTheNext() {
    Set<String> outcomes =
        outcomes(
            "file",
            disk -> {
              DiskFile file = written(disk, "file", "");
              disk.syncDirectory("");
              file.write(0, ByteBuffer.wrap("new".getBytes(UTF_8)));
              disk.failSyncs(1);
              assertThrows(GarageException.StorageFailed.class, file::sync);
              disk.failSyncs(0);
              file.sync();
              assertEquals("new", text(disk, "file"));
            });
    assertEquals(Set.of("", "new"), outcomes);
  }

  @Test
  void handlesFromBeforeALossOfPowerAreOfNoUse() {
    SimDisk disk = SimDisk.standalone(1);
    DiskFile file = written(disk, "file", "x");
    disk.powerOff();
    assertThrows(GarageException.StorageFailed.class, file::sync);
  }

  @Test
  void rotFlipsOneBitForGood() {
    SimDisk disk = SimDisk.standalone(1);
    byte[] bytes = new SeededRandom(3).bytes(1000);
    disk.replace("file", bytes);
    disk.rot("file");
    byte[] rotten = disk.readAll("file");
    int flipped = 0;
    for (int i = 0; i < bytes.length; i++) {
      flipped += Integer.bitCount((bytes[i] ^ rotten[i]) & 0xff);
    }
    assertEquals(1, flipped);
    disk.powerOff();
    assertArrayEquals(rotten, disk.readAll("file"));
  }

  @Test
  void fullDiskRefusesWritesUntilSomethingIsDeleted() {
    SimDisk disk = SimDisk.standalone(1);
    disk.capacity(1000);
    disk.replace("old", new byte[600]);
    DiskFile file = disk.create("new");
    ByteBuffer source = ByteBuffer.allocate(500);
    assertThrows(GarageException.StorageFull.class, () -> file.write(0, source));
    assertEquals(0, disk.space().available());
    assertThrows(GarageException.StorageFull.class, () -> disk.create("another"));
    assertEquals(600, disk.readAll("old").length);
    disk.delete("old");
    file.write(0, ByteBuffer.allocate(500));
    assertEquals(500, disk.space().available());
    assertEquals(new Disk.Space(500, 1000), disk.space());
  }

  @Test
  void readAndWriteErrorsComeAndGo() {
    SimDisk disk = SimDisk.standalone(1);
    disk.replace("file", new byte[10]);
    disk.failReads(1);
    assertThrows(GarageException.StorageFailed.class, () -> disk.readAll("file"));
    disk.failReads(0);
    assertEquals(10, disk.readAll("file").length);
    disk.failWrites(1);
    assertThrows(GarageException.StorageFailed.class, () -> disk.replace("file", new byte[1]));
    disk.failWrites(0);
    disk.replace("file", new byte[1]);
  }

  @Test
  void brokenFileIsUnreadableUntilItIsWrittenAgain() {
    SimDisk disk = SimDisk.standalone(1);
    disk.replace("file", new byte[10]);
    disk.replace("good", new byte[10]);
    disk.breakFile("file");
    assertThrows(GarageException.StorageFailed.class, () -> disk.readAll("file"));
    assertEquals(10, disk.readAll("good").length);
    written(disk, "file", "again").close();
    assertEquals("again", text(disk, "file"));
  }

  @Test
  void unpluggedDiskFailsInEverything() {
    SimDisk disk = SimDisk.standalone(1);
    disk.replace("file", new byte[10]);
    disk.unplug();
    assertThrows(GarageException.StorageFailed.class, () -> disk.exists("file"));
    assertThrows(GarageException.StorageFailed.class, () -> disk.create("x"));
    assertThrows(GarageException.StorageFailed.class, disk::space);
    disk.replug();
    assertEquals(Set.of("file"), disk.files());
  }

  @Test
  void operationsTakeVirtualTime() {
    Simulation.run(
        1,
        world -> {
          SimDisk disk = world.node("a").disk("data");
          disk.latency(Duration.ofMillis(10), Duration.ofMillis(10));
          long start = world.clock().nanos();
          disk.createDirectories("x");
          assertEquals(Duration.ofMillis(10).toNanos(), world.clock().nanos() - start);
        });
  }

  @Test
  void killKeepsWhatWasWrittenAndPowerOffWhatWasSynced() {
    Set<List<String>> afterPowerOff = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      Simulation.run(
          seed,
          world -> {
            SimNode node = world.node("a");
            DiskFile file = written(node.disk("data"), "file", "x");
            node.kill();
            assertThrows(GarageException.Cancelled.class, file::sync);
            assertThrows(GarageException.Cancelled.class, () -> node.disk("data").list(""));
            node.start();
            assertEquals("x", text(node.disk("data"), "file"));
            node.powerOff();
            node.start();
            afterPowerOff.add(new ArrayList<>(node.disk("data").files()));
          });
    }
    assertEquals(Set.of(List.of(), List.of("file")), afterPowerOff);
  }

  @Test
  void taskCutOffByPowerOffInsideAnOperationNeverReturnsFromIt() {
    boolean[] returned = new boolean[1];
    Simulation.run(
        3,
        world -> {
          SimNode node = world.node("a");
          SimDisk disk = node.disk("data");
          disk.latency(Duration.ofSeconds(1), Duration.ofSeconds(1));
          node.tasks()
              .start(
                  "writer",
                  () -> {
                    disk.replace("file", new byte[1]);
                    returned[0] = true;
                  });
          world.clock().sleep(Duration.ofMillis(2700));
          node.powerOff();
          world.clock().sleep(Duration.ofSeconds(10));
        });
    assertFalse(returned[0]);
  }

  @Test
  void disksOfANodeAreSeparate() {
    Simulation.run(
        1,
        world -> {
          SimNode node = world.node("a");
          node.disk("one").replace("file", new byte[1]);
          assertFalse(node.disk("two").exists("file"));
          assertNotEquals(node.disk("one"), node.disk("two"));
        });
  }
}
