package garage.testkit.env;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Disk;
import garage.common.env.DiskFile;
import garage.common.env.DiskWriter;
import garage.common.env.Mailbox;
import garage.common.env.Tasks;
import garage.common.env.Tasks.Task;
import garage.common.error.GarageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What every {@link Disk} does. */
public abstract class DiskContract {
  /** Runs {@code body} as a task with an empty disk. */
  protected abstract void run(Consumer<Machine> body);

  /** An empty disk, and what it takes to use it from several tasks. */
  public record Machine(Disk disk, Clock clock, Tasks tasks) {}

  private static void write(Disk disk, String path, String text) {
    try (DiskFile file = disk.create(path)) {
      file.write(0, ByteBuffer.wrap(text.getBytes(UTF_8)));
      file.sync();
    }
  }

  private static String text(Disk disk, String path) {
    return new String(disk.readAll(path), UTF_8);
  }

  @Test
  void bytesAreReadAsTheyWereWritten() {
    run(machine -> {
      byte[] bytes = new SeededRandom(1).bytes(300_000);
      try (DiskFile file = machine.disk.create("file")) {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        file.write(0, source);
        assertFalse(source.hasRemaining());
        assertEquals(bytes.length, file.size());
        ByteBuffer direct = ByteBuffer.allocateDirect(1000);
        file.read(777, direct);
        assertEquals(ByteBuffer.wrap(bytes, 777, 1000), direct.flip());
      }
      assertArrayEquals(bytes, machine.disk.readAll("file"));
    });
  }

  @Test
  void bufferIsWrittenAndFilledFromItsPositionToItsLimit() {
    run(machine -> {
      try (DiskFile file = machine.disk.create("file")) {
        file.write(0, ByteBuffer.wrap("xxabcxx".getBytes(UTF_8), 2, 3));
        ByteBuffer target = ByteBuffer.wrap("........".getBytes(UTF_8), 4, 3);
        file.read(0, target);
        assertEquals("....abc.", new String(target.array(), UTF_8));
        assertEquals(7, target.position());
      }
    });
  }

  @Test
  void writingBeyondTheEndFillsTheGapWithZeros() {
    run(machine -> {
      try (DiskFile file = machine.disk.create("file")) {
        file.write(3, ByteBuffer.wrap(new byte[] {7}));
        file.write(1, ByteBuffer.wrap(new byte[] {5}));
      }
      assertArrayEquals(new byte[] {0, 5, 0, 7}, machine.disk.readAll("file"));
    });
  }

  @Test
  void fileWrittenFromItsBeginningToItsEndHasItsHeadFirst() {
    run(machine -> {
      SeededRandom random = new SeededRandom(3);
      for (int length : List.of(0, 1, 3908, 3909, 4096, 70_000, 1 << 20, (2 << 20) + 4097)) {
        for (boolean durable : List.of(true, false)) {
          byte[] bytes = random.bytes(188 + length);
          writeInPieces(machine.disk, bytes, 188, durable);
          assertArrayEquals(bytes, machine.disk.readAll("file"), length + " bytes");
        }
      }
    });
  }

  private static void writeInPieces(Disk disk, byte[] bytes, int headBytes, boolean durable) {
    try (DiskWriter file = disk.writer("file", headBytes, durable)) {
      for (int at = headBytes; at < bytes.length; at += 65_537) {
        ByteBuffer piece = ByteBuffer.wrap(bytes, at, Math.min(65_537, bytes.length - at));
        file.append(piece);
        assertFalse(piece.hasRemaining());
      }
      file.finish(ByteBuffer.wrap(bytes, 0, headBytes));
    }
  }

  @Test
  void manyFilesAreWrittenAtOnce() {
    run(machine -> {
      byte[] bytes = new SeededRandom(4).bytes(100_000);
      List<Task> tasks = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String path = "file" + i;
        tasks.add(
            machine.tasks.start(
                path,
                () -> {
                  try (DiskWriter file = machine.disk.writer(path, 10, true)) {
                    file.append(ByteBuffer.wrap(bytes, 10, bytes.length - 10));
                    file.finish(ByteBuffer.wrap(bytes, 0, 10));
                  }
                }));
      }
      tasks.forEach(Task::join);
      for (int i = 0; i < 40; i++) {
        assertArrayEquals(bytes, machine.disk.readAll("file" + i));
      }
    });
  }

  @Test
  void fileWrittenFromItsBeginningNeedsItsDirectory() {
    run(machine ->
        assertThrows(GarageException.Missing.class, () -> machine.disk.writer("no/file", 1, true)));
  }

  @Test
  void readingBeyondTheEndIsCorrupt() {
    run(machine -> {
      write(machine.disk, "file", "abc");
      try (DiskFile file = machine.disk.open("file")) {
        for (long position : new long[] {0, 1, 3, 100}) {
          assertThrows(
              GarageException.Corrupt.class, () -> file.read(position, ByteBuffer.allocate(4)));
        }
      }
    });
  }

  @Test
  void creatingEmptiesAFileThatExists() {
    run(machine -> {
      write(machine.disk, "file", "long text");
      write(machine.disk, "file", "new");
      assertEquals("new", text(machine.disk, "file"));
    });
  }

  @Test
  void whatIsNotThereIsMissing() {
    run(machine -> {
      Disk disk = machine.disk;
      assertThrows(GarageException.Missing.class, () -> disk.open("none"));
      assertThrows(GarageException.Missing.class, () -> disk.open("no/file"));
      assertThrows(GarageException.Missing.class, () -> disk.create("no/file"));
      assertThrows(GarageException.Missing.class, () -> disk.rename("none", "other"));
      assertThrows(GarageException.Missing.class, () -> disk.syncDirectory("none"));
      assertThrows(GarageException.Missing.class, () -> disk.readAll("none"));
      write(disk, "file", "abc");
      assertThrows(GarageException.Missing.class, () -> disk.rename("file", "no/file"));
      assertEquals(List.of(), disk.list("none"));
      assertFalse(disk.exists("none"));
      disk.delete("none");
      disk.delete("no/file");
    });
  }

  @Test
  void pathsOutsideTheDiskAreRefused() {
    run(machine -> {
      Disk disk = machine.disk;
      for (String bad :
          List.of("/etc/passwd", "../x", "a/../../x", "a//b", "a/", "./a", "a\0b", ".")) {
        assertThrows(IllegalArgumentException.class, () -> disk.create(bad), bad);
        assertThrows(IllegalArgumentException.class, () -> disk.open(bad), bad);
        assertThrows(IllegalArgumentException.class, () -> disk.delete(bad), bad);
        assertThrows(IllegalArgumentException.class, () -> disk.exists(bad), bad);
        assertThrows(IllegalArgumentException.class, () -> disk.list(bad), bad);
        assertThrows(IllegalArgumentException.class, () -> disk.createDirectories(bad), bad);
        assertThrows(IllegalArgumentException.class, () -> disk.syncDirectory(bad), bad);
        assertThrows(IllegalArgumentException.class, () -> disk.rename(bad, "x"), bad);
        assertThrows(IllegalArgumentException.class, () -> disk.rename("x", bad), bad);
      }
      assertThrows(IllegalArgumentException.class, () -> disk.open(""));
    });
  }

  @Test
  void renameReplacesTheTarget() {
    run(machine -> {
      Disk disk = machine.disk;
      disk.createDirectories("a/b");
      write(disk, "a/new", "new");
      write(disk, "a/b/old", "old");
      disk.rename("a/new", "a/b/old");
      assertEquals("new", text(disk, "a/b/old"));
      assertFalse(disk.exists("a/new"));
    });
  }

  @Test
  void openFileOutlivesItsName() {
    run(machine -> {
      Disk disk = machine.disk;
      write(disk, "one", "1");
      write(disk, "two", "2");
      try (DiskFile one = disk.open("one");
          DiskFile two = disk.open("two")) {
        disk.rename("one", "two");
        disk.delete("two");
        assertEquals('1', firstByte(one));
        assertEquals('2', firstByte(two));
      }
    });
  }

  private static char firstByte(DiskFile file) {
    ByteBuffer bytes = ByteBuffer.allocate(1);
    file.read(0, bytes);
    return (char) bytes.get(0);
  }

  @Test
  void directoriesAreMadeWithTheirParentsAndListed() {
    run(machine -> {
      Disk disk = machine.disk;
      disk.createDirectories("a/b/c");
      disk.createDirectories("a/b/d");
      disk.createDirectories("a/b/d");
      disk.createDirectories("");
      write(disk, "a/b/file", "x");
      assertTrue(disk.exists(""));
      assertTrue(disk.exists("a/b"));
      assertTrue(disk.exists("a/b/file"));
      assertEquals(List.of("a"), disk.list("").stream().sorted().toList());
      assertEquals(List.of("c", "d", "file"), disk.list("a/b").stream().sorted().toList());
      assertEquals(List.of(), disk.list("a/b/c"));
      disk.syncDirectory("a/b");
      disk.syncDirectory("");
    });
  }

  @Test
  void severalDirectoriesAreMadeAtOnce() {
    run(machine -> {
      Disk disk = machine.disk;
      disk.createDirectories(List.of("a/b", "a/c/d", "e", "", "a"));
      disk.createDirectories(List.of("a/b", "f/g"));
      disk.createDirectories(List.of());
      for (String path : List.of("a", "a/b", "a/c", "a/c/d", "e", "f/g")) {
        assertTrue(disk.exists(path), path);
      }
      assertThrows(
          IllegalArgumentException.class, () -> disk.createDirectories(List.of("ok", "../bad")));
    });
  }

  @Test
  void filesAndDirectoriesAreNotTakenForEachOther() {
    run(machine -> {
      Disk disk = machine.disk;
      disk.createDirectories("dir/sub");
      write(disk, "file", "x");
      assertThrows(GarageException.StorageFailed.class, () -> disk.delete("dir"));
      assertThrows(GarageException.StorageFailed.class, () -> disk.create("dir"));
      assertThrows(GarageException.StorageFailed.class, () -> disk.list("file"));
      assertThrows(GarageException.StorageFailed.class, () -> disk.createDirectories("file"));
      assertThrows(GarageException.StorageFailed.class, () -> disk.createDirectories("file/x"));
      assertThrows(GarageException.StorageFailed.class, () -> disk.rename("file", "dir"));
      assertThrows(GarageException.StorageFailed.class, () -> disk.create("file/x"));
      assertEquals("x", text(disk, "file"));
      disk.delete("dir/sub");
      assertFalse(disk.exists("dir/sub"));
    });
  }

  @Test
  void deletedFileIsGone() {
    run(machine -> {
      write(machine.disk, "file", "x");
      machine.disk.delete("file");
      machine.disk.delete("file");
      assertFalse(machine.disk.exists("file"));
      assertThrows(GarageException.Missing.class, () -> machine.disk.open("file"));
    });
  }

  @Test
  void replacePutsTheNewContentInPlaceAndLeavesNothingElse() {
    run(machine -> {
      Disk disk = machine.disk;
      disk.createDirectories("state");
      disk.replace("state/node", "one".getBytes(UTF_8));
      disk.replace("state/node", "2".getBytes(UTF_8));
      assertEquals("2", text(disk, "state/node"));
      assertEquals(List.of("node"), disk.list("state"));
    });
  }

  @Test
  void fileOpenedForReadingIsNotWritten() {
    run(machine -> {
      write(machine.disk, "file", "x");
      try (DiskFile file = machine.disk.open("file")) {
        ByteBuffer bytes = ByteBuffer.allocate(1);
        assertThrows(IllegalStateException.class, () -> file.write(0, bytes));
      }
      assertEquals("x", text(machine.disk, "file"));
    });
  }

  @Test
  void closedFileIsOfNoUse() {
    run(machine -> {
      DiskFile file = machine.disk.create("file");
      file.close();
      file.close();
      ByteBuffer bytes = ByteBuffer.allocate(1);
      assertThrows(GarageException.StorageFailed.class, () -> file.write(0, bytes));
      assertThrows(GarageException.StorageFailed.class, () -> file.read(0, bytes));
      assertThrows(GarageException.StorageFailed.class, file::sync);
    });
  }

  @Test
  void spaceIsKnown() {
    run(machine -> {
      Disk.Space space = machine.disk.space();
      assertTrue(space.available() > 0);
      assertTrue(space.available() <= space.total());
    });
  }

  @Test
  void cancelledTaskWritesNothingButMayCleanUp() {
    run(machine -> {
      Disk disk = machine.disk;
      write(disk, "garbage", "x");
      Mailbox<String> never = new Mailbox<>(machine.clock, 1);
      List<GarageException> failures = new ArrayList<>();
      Task task =
          machine.tasks.start(
              "cancelled",
              () -> {
                DiskFile file = disk.create("file");
                ByteBuffer bytes = ByteBuffer.allocate(1);
                List<Runnable> steps =
                    List.of(
                        () -> never.take(Deadline.NEVER),
                        () -> file.write(0, bytes),
                        file::sync,
                        () -> file.read(0, bytes),
                        () -> disk.rename("garbage", "other"),
                        () -> disk.create("another"));
                steps.forEach(step -> failures.add(ClockContract.failureOf(step)));
                file.close();
                disk.delete("garbage");
              });
      untilExists(machine, "file");
      task.cancel();
      task.join();
      assertEquals(6, failures.size());
      failures.forEach(e -> assertInstanceOf(GarageException.Cancelled.class, e));
      assertEquals(List.of("file"), disk.list(""));
    });
  }

  private static void untilExists(Machine machine, String path) {
    while (!machine.disk.exists(path)) {
      machine.clock.sleep(Duration.ofMillis(1));
    }
  }

  @Test
  void cancellingOneReaderLeavesTheFileOpenForTheOthers() {
    run(machine -> {
      byte[] bytes = new SeededRandom(2).bytes(1 << 20);
      machine.disk.replace("file", bytes);
      AtomicInteger good = new AtomicInteger();
      try (DiskFile file = machine.disk.open("file")) {
        for (int round = 0; round < 20; round++) {
          Task cancelled = machine.tasks.start("cancelled", () -> readForEver(file));
          Task patient = machine.tasks.start("patient", () -> readOnce(file, bytes, good));
          machine.clock.sleep(Duration.ofMillis(1));
          cancelled.cancel();
          cancelled.join();
          patient.join();
        }
      }
      assertEquals(20, good.get());
    });
  }

  private static void readForEver(DiskFile file) {
    while (true) {
      file.read(0, ByteBuffer.allocate(1 << 20));
    }
  }

  private static void readOnce(DiskFile file, byte[] bytes, AtomicInteger good) {
    ByteBuffer target = ByteBuffer.allocate(bytes.length);
    file.read(0, target);
    if (Arrays.equals(bytes, target.array())) {
      good.incrementAndGet();
    }
  }
}
