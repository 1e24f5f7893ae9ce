package garage.block.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.Hash;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.SimDisk;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Block files on disks that fail, rot, fill up and lose what was not synced. */
final class BlockFilesTest {
  private static final ByteSize MIB = new ByteSize(1 << 20);

  private final Clock clock = new Simulation(1).clock();
  private final SimDisk metadata = SimDisk.standalone(1);
  private final SimDisk one = SimDisk.standalone(2);
  private final SimDisk two = SimDisk.standalone(3);
  private final byte[] plain = TestBytes.MIXED.bytes(1, 200_000);
  private final Hash hash = TestBytes.hash(plain);

  private BlockFiles open(DataDirectory... directories) {
    return new BlockFiles(
        DataDirectories.open(metadata, List.of(directories), new SeededRandom(4)),
        true,
        OptionalInt.of(1),
        SpaceReserve.of(MIB),
        clock);
  }

  private BlockFiles openOne() {
    return open(new DataDirectory("/one", one, 1, false));
  }

  private byte[] read(BlockFiles files) {
    CollectingSink sink = new CollectingSink(false);
    files.read(hash, 0, plain.length, sink);
    return sink.bytes();
  }

  private String path() {
    return BlockPath.block(hash);
  }

  @Test
  void aBlockIsAtTheDocumentedPath() {
    openOne().write(hash, ByteBuffer.wrap(plain));
    String hex = hash.toString();
    String expected = hex.substring(0, 2) + "/" + hex;
    assertTrue(one.files().contains(expected), one.files().toString());
  }

  @Test
  void aWrittenBlockSurvivesALossOfPower() {
    for (int seed = 0; seed < 50; seed++) {
      SimDisk disk = SimDisk.standalone(seed);
      SimDisk meta = SimDisk.standalone(seed + 1000);
      DataDirectory directory = new DataDirectory("/d", disk, 1, false);
      DataDirectories directories =
          DataDirectories.open(meta, List.of(directory), new SeededRandom(1));
      BlockFiles files =
          new BlockFiles(directories, true, OptionalInt.of(1), SpaceReserve.of(MIB), clock);
      files.write(hash, ByteBuffer.wrap(plain));
      disk.powerOff();
      assertArrayEquals(plain, read(files), "seed " + seed);
      assertTrue(files.matches(hash));
    }
  }

  @Test
  void directoriesMadeBeforeAKillAreMadeDurableAtTheStart() {
    for (int seed = 0; seed < 50; seed++) {
      SimDisk disk = SimDisk.standalone(seed);
      disk.create("unsynced-root").close();
      DataDirectories directories =
          DataDirectories.open(
              SimDisk.standalone(seed + 1000),
              List.of(new DataDirectory("/d", disk, 1, false)),
              new SeededRandom(1));
      disk.create("after-marker").close();
      BlockFiles files =
          new BlockFiles(directories, true, OptionalInt.of(1), SpaceReserve.of(MIB), clock);
      disk.powerOff();
      assertTrue(disk.exists("after-marker"), "the root was synced, seed " + seed);
      files.write(hash, ByteBuffer.wrap(plain));
      disk.powerOff();
      assertArrayEquals(plain, read(files), "seed " + seed);
    }
  }

  @Test
  void aBlockCostsOneSyncOfItsFileAndOneOfItsDirectory() {
    BlockFiles files = openOne();
    files.write(hash, ByteBuffer.wrap(plain));
    assertEquals(new BlockFiles.Statistics(1, 1, 0), files.statistics());
  }

  @Test
  void withoutSyncingNothingIsSynced() {
    DataDirectories directories =
        DataDirectories.open(
            metadata, List.of(new DataDirectory("/one", one, 1, false)), new SeededRandom(1));
    BlockFiles files =
        new BlockFiles(directories, false, OptionalInt.empty(), SpaceReserve.of(MIB), clock);
    files.write(hash, ByteBuffer.wrap(plain));
    assertArrayEquals(plain, read(files));
    assertEquals(new BlockFiles.Statistics(0, 0, 0), files.statistics());
  }

  @Test
  void aMissingBlockIsMissing() {
    BlockFiles files = openOne();
    assertThrows(GarageException.Missing.class, () -> read(files));
    assertThrows(GarageException.Missing.class, () -> files.length(hash));
    assertFalse(files.exists(hash));
    assertFalse(files.intact(hash));
    files.delete(hash);
  }

  @Test
  void aDamagedFileIsPutAsideAndCounted() {
    BlockFiles files = openOne();
    files.write(hash, ByteBuffer.wrap(plain));
    one.rot(path());
    assertFalse(files.intact(hash));
    assertThrows(GarageException.Corrupt.class, () -> read(files));
    assertEquals(1, files.quarantine(hash));
    assertThrows(GarageException.Missing.class, () -> read(files));
    assertTrue(one.exists(path() + ".corrupted"));
    assertEquals(1, files.statistics().quarantined());
  }

  @Test
  void aFilePutAsideIsTakenBackOnceItCanBeReadAgain() {
    BlockFiles files = openOne();
    files.write(hash, ByteBuffer.wrap(plain));
    one.failReads(1);
    assertEquals(1, files.quarantine(hash));
    assertFalse(files.reinstate(hash), "it cannot be read yet");
    one.failReads(0);
    assertTrue(files.reinstate(hash));
    assertArrayEquals(plain, read(files));
    assertFalse(one.exists(path() + ".corrupted"));
  }

  @Test
  void aDamagedFileIsNotTakenBack() {
    BlockFiles files = openOne();
    files.write(hash, ByteBuffer.wrap(plain));
    one.rot(path());
    files.quarantine(hash);
    assertFalse(files.reinstate(hash));
    assertFalse(files.exists(hash));
  }

  @Test
  void aGoodFileIsNotPutAside() {
    BlockFiles files = openOne();
    files.write(hash, ByteBuffer.wrap(plain));
    assertEquals(0, files.quarantine(hash));
    assertArrayEquals(plain, read(files));
  }

  @Test
  void aFailedWriteLeavesNoFile() {
    BlockFiles files = openOne();
    one.failSyncs(1);
    assertThrows(
        GarageException.StorageFailed.class, () -> files.write(hash, ByteBuffer.wrap(plain)));
    assertTrue(one.files().stream().noneMatch(name -> name.contains(hash.toString())));
    assertFalse(files.exists(hash));
  }

  @Test
  void blocksAreFoundWhereTheyWereBeforeADirectoryWasAdded() {
    DataDirectory first = new DataDirectory("/one", one, 1, false);
    open(first).write(hash, ByteBuffer.wrap(plain));
    BlockFiles files = open(new DataDirectory("/two", two, 1_000_000, false), first);
    assertArrayEquals(plain, read(files));
    files.write(hash, ByteBuffer.wrap(plain));
    assertTrue(two.exists(path()), "new blocks go to the new one");
    one.rot(path());
    assertArrayEquals(plain, read(files));
    two.rot(path());
    two.rot(path());
    assertEquals(2, files.quarantine(hash));
  }

  @Test
  void aGoodCopyElsewhereServesOnceTheDamagedOneIsPutAside() {
    DataDirectory first = new DataDirectory("/one", one, 1, false);
    open(first).write(hash, ByteBuffer.wrap(plain));
    BlockFiles files = open(new DataDirectory("/two", two, 1_000_000, false), first);
    files.write(hash, ByteBuffer.wrap(plain));
    two.rot(path());
    assertThrows(GarageException.Corrupt.class, () -> read(files));
    files.quarantine(hash);
    assertArrayEquals(plain, read(files));
  }

  @Test
  void aDeadDiskDoesNotHideTheOtherOnes() {
    DataDirectory first = new DataDirectory("/one", one, 1, false);
    open(first).write(hash, ByteBuffer.wrap(plain));
    BlockFiles files = open(new DataDirectory("/two", two, 1_000_000, false), first);
    two.unplug();
    assertArrayEquals(plain, read(files));
    one.unplug();
    assertThrows(GarageException.StorageFailed.class, () -> read(files));
  }

  @Test
  void deletionRemovesEveryFileOfTheBlockInEveryDirectory() {
    DataDirectory first = new DataDirectory("/one", one, 1, false);
    open(first).write(hash, ByteBuffer.wrap(plain));
    BlockFiles files = open(new DataDirectory("/two", two, 1_000_000, false), first);
    files.write(hash, ByteBuffer.wrap(plain));
    two.rot(path());
    files.quarantine(hash);
    files.write(hash, ByteBuffer.wrap(plain));
    files.delete(hash);
    assertTrue(one.files().stream().noneMatch(name -> name.contains(hash.toString())));
    assertTrue(two.files().stream().noneMatch(name -> name.contains(hash.toString())));
  }

  @Test
  void deletionRemovesWhatALossOfPowerBroughtBackWhereTheBlockWasMovedFrom() {
    open(new DataDirectory("/one", one, 1, false)).write(hash, ByteBuffer.wrap(plain));
    BlockFiles files =
        open(new DataDirectory("/two", two, 1, false), new DataDirectory("/one", one, 1, true));
    byte[] file = one.readAll(path());
    assertTrue(files.gather(hash));
    files.forgetEarlierPlaces();
    assertFalse(one.exists(path()));
    one.replace(path(), file);
    files.delete(hash);
    assertFalse(one.exists(path()));
    assertFalse(two.exists(path()));
  }

  @Test
  void theReserveRefusesWritesAloneAndEndsByItself() {
    BlockFiles files = openOne();
    byte[] large = TestBytes.RANDOM.bytes(8, 200_000);
    files.write(TestBytes.hash(large), ByteBuffer.wrap(large));
    byte[] other = TestBytes.RANDOM.bytes(9, 100_000);
    one.capacity(MIB.bytes() + 250_000);
    // What was learnt when there was plenty is good for a second; this clock stands still.
    BlockFiles later = openOne();
    Hash otherHash = TestBytes.hash(other);
    assertThrows(
        GarageException.StorageFull.class, () -> later.write(otherHash, ByteBuffer.wrap(other)));
    assertTrue(later.matches(TestBytes.hash(large)));
    later.delete(TestBytes.hash(large));
    later.write(otherHash, ByteBuffer.wrap(other));
    assertTrue(later.matches(otherHash));
  }

  @Test
  void aDiskThatIsFullAllTheSameLeavesNoFile() {
    BlockFiles files = openOne();
    files.write(TestBytes.hash(new byte[1]), ByteBuffer.wrap(new byte[1]));
    one.capacity(1000);
    assertThrows(
        GarageException.StorageFull.class, () -> files.write(hash, ByteBuffer.wrap(plain)));
    assertFalse(one.exists(path() + ".tmp"));
    assertFalse(files.exists(hash));
  }

  @Test
  void listingTellsBlocksFromWhatIsLeftOfThem() {
    BlockFiles files = openOne();
    int leaf = BlockPath.leafOf(hash);
    files.write(hash, ByteBuffer.wrap(plain));
    one.rot(path());
    files.quarantine(hash);
    files.write(hash, ByteBuffer.wrap(plain));
    one.create(BlockPath.temporary(hash)).close();
    one.create(BlockPath.leaf(leaf) + "/note.txt").close();
    assertEquals(
        Set.of(
            new FoundFile.Block(hash),
            new FoundFile.Quarantined(hash),
            new FoundFile.Temporary(hash),
            new FoundFile.Foreign("note.txt")),
        Set.copyOf(files.list(leaf)));
    assertEquals(List.of(), files.list((leaf + 1) % BlockFiles.leaves()));
  }
}
