package garage.block.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.SimDisk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node starts only on the disks it knows, and finds its blocks when directories change. */
final class DataDirectoriesTest {
  private final SimDisk metadata = SimDisk.standalone(1);
  private final SimDisk one = SimDisk.standalone(2);
  private final SimDisk two = SimDisk.standalone(3);
  private final SeededRandom random = new SeededRandom(4);

  /** How often blocks were said to be missing, or unknown ones to be there. */
  private int doubts;

  private DataDirectories open(DataDirectory... directories) {
    return DataDirectories.open(metadata, List.of(directories), random);
  }

  private static DataDirectory writable(String name, Disk disk) {
    return new DataDirectory(name, disk, 1, false);
  }

  private static String message(Runnable start) {
    return String.valueOf(
        assertThrows(GarageException.InvalidInput.class, start::run).getMessage());
  }

  @Test
  void aRestartFindsEverythingWhereItWas() {
    DataDirectories before = open(writable("/one", one), writable("/two", two));
    DataDirectories after = open(writable("/one", one), writable("/two", two));
    for (int i = 0; i < 1000; i++) {
      Hash hash = TestBytes.hash(new byte[i]);
      assertEquals(before.candidates(hash), after.candidates(hash));
    }
  }

  @Test
  void theOrderOfConfigurationDoesNotMatter() {
    DataDirectories before = open(writable("/one", one), writable("/two", two));
    DataDirectories after = open(writable("/two", two), writable("/one", one));
    for (int i = 0; i < 1000; i++) {
      Hash hash = TestBytes.hash(new byte[i]);
      assertEquals(
          before.all().get(before.primary(hash)).name(),
          after.all().get(after.primary(hash)).name());
    }
  }

  @Test
  void aDiskThatIsNotMountedIsRefused() {
    open(writable("/one", one), writable("/two", two));
    String message =
        message(() -> open(writable("/one", one), writable("/two", SimDisk.standalone(9))));
    assertTrue(message.startsWith("/two: the file garage-marker is missing"), message);
  }

  @Test
  void disksMountedInEachOthersPlaceAreRefused() {
    open(writable("/one", one), writable("/two", two));
    String message = message(() -> open(writable("/one", two), writable("/two", one)));
    assertTrue(message.startsWith("/one: the file garage-marker is another"), message);
  }

  @Test
  void aDiskOfAnotherNodeIsRefused() {
    DataDirectories.open(SimDisk.standalone(8), List.of(writable("/one", one)), random);
    assertTrue(message(() -> open(writable("/one", one))).contains("another"));
  }

  @Test
  void nothingIsChangedByARefusal() {
    open(writable("/one", one));
    byte[] before = metadata.readAll(DataDirectories.MAPPING);
    message(() -> open(writable("/one", SimDisk.standalone(9)), writable("/two", two)));
    assertEquals(List.of(), two.list(""));
    assertEquals(List.of(before.length), List.of(metadata.readAll(DataDirectories.MAPPING).length));
  }

  @Test
  void noneOrTheSameTwiceIsRefused() {
    message(() -> open());
    message(() -> open(writable("/one", one), writable("/one", two)));
  }

  @Test
  void aCrashAtAnyPointOfTheFirstStartIsRecoveredFrom() {
    for (long seed = 0; seed < 200; seed++) {
      SimDisk meta = SimDisk.standalone(seed);
      SimDisk data = SimDisk.standalone(seed + 1000);
      List<DataDirectory> directories = List.of(writable("/one", data));
      int point = (int) (seed % 12);
      Crashing crash = new Crashing(point);
      try {
        DataDirectories.open(
            crash.of(meta), List.of(writable("/one", crash.of(data))), new SeededRandom(seed));
      } catch (Crashing.Crash e) {
        meta.powerOff();
        data.powerOff();
      }
      DataDirectories.open(meta, directories, new SeededRandom(seed + 7));
      DataDirectories.open(meta, directories, new SeededRandom(seed + 8));
    }
  }

  @Test
  void anAddedDirectoryTakesHalfAndTheOldOneIsStillSearched() {
    open(writable("/one", one));
    DataDirectories after = open(writable("/one", one), writable("/two", two));
    int moved = 0;
    for (int i = 0; i < 1000; i++) {
      Hash hash = TestBytes.hash(new byte[i]);
      assertTrue(after.candidates(hash).contains(0));
      moved += after.primary(hash);
    }
    assertTrue(moved > 400 && moved < 600, moved + " of 1000");
  }

  private DataDirectories recover(DataDirectory... directories) {
    return recover(metadata, () -> doubts++, directories);
  }

  private DataDirectories recover(SimDisk metadata, Runnable doubt, DataDirectory... directories) {
    return DataDirectories.open(
        metadata, List.of(directories), random, DataDirectories.Recovery.FROM_PEERS, doubt);
  }

  @Test
  void withOtherCopiesAWipedDirectoryIsTakenUpAgainAndItsDiskWhenItComesBack() {
    open(writable("/one", one), writable("/two", two));
    recover(writable("/one", one), writable("/two", two));
    assertEquals(0, doubts);
    SimDisk empty = SimDisk.standalone(9);
    recover(writable("/one", one), writable("/two", empty));
    assertEquals(1, doubts);
    assertTrue(empty.exists(DataDirectories.MARKER));
    recover(writable("/one", one), writable("/two", empty));
    assertEquals(1, doubts);
    recover(writable("/one", one), writable("/two", two));
    message(() -> recover(writable("/one", two), writable("/two", one)));
  }

  @Test
  void aDirectoryTakenOutIsNoticed() {
    open(writable("/one", one), writable("/two", two));
    recover(writable("/one", one));
    assertEquals(1, doubts);
  }

  @Test
  void aLostDirectoryIsLookedAtAgainIfItCouldNotBePutOnRecord() {
    open(writable("/one", one));
    SimDisk empty = SimDisk.standalone(9);
    Runnable full =
        () -> {
          throw new GarageException.StorageFull("no space for the doubt");
        };
    assertThrows(
        GarageException.StorageFull.class, () -> recover(metadata, full, writable("/one", empty)));
    recover(writable("/one", empty));
    assertEquals(1, doubts);
  }

  @Test
  void withOtherCopiesANodeWithoutMetadataTakesOverWhatItFindsAndSearchesEverywhere() {
    open(writable("/one", one), writable("/two", two));
    SimDisk fresh = SimDisk.standalone(10);
    List<DataDirectory> directories = List.of(writable("/one", one), writable("/two", two));
    message(() -> DataDirectories.open(fresh, directories, random));
    DataDirectory[] found = directories.toArray(DataDirectory[]::new);
    DataDirectories taken = recover(fresh, () -> doubts++, found);
    assertEquals(1, doubts);
    for (int i = 0; i < 1000; i++) {
      assertEquals(2, taken.candidates(TestBytes.hash(new byte[i])).size());
    }
    recover(fresh, () -> doubts++, found);
    assertEquals(1, doubts);
  }

  @Test
  void onceEverythingIsInItsPlaceOtherDirectoriesAreNotSearched() {
    open(writable("/one", one));
    DataDirectories two = open(writable("/one", one), writable("/two", this.two));
    two.forgetEarlierPlaces();
    DataDirectories after = open(writable("/one", one), writable("/two", this.two));
    for (int i = 0; i < 1000; i++) {
      Hash hash = TestBytes.hash(new byte[i]);
      assertEquals(List.of(after.primary(hash)), after.candidates(hash));
    }
  }
}
