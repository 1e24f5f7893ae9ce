package garage.testkit.env;

import garage.common.env.Disk;
import garage.common.env.DiskPath;
import garage.common.error.GarageException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** The hardware under a {@link SimDisk}: it outlives processes, and holds the faults. */
final class Platter {
  private static final long CAPACITY_BYTES = 1L << 40;

  final SeededRandom random;
  final Names names = new Names();
  long latencyMinNanos = Duration.ofNanos(10_000).toNanos();
  long latencyMaxNanos = Duration.ofMillis(1).toNanos();
  double readFailures;
  double writeFailures;
  double syncFailures;
  boolean unplugged;

  /** How often the power was lost: handles from before are of no use. */
  int powerCycles;

  private long capacity = CAPACITY_BYTES;

  Platter(SeededRandom random) {
    this.random = random;
  }

  /** Does one thing atomically; a monitor, as nothing inside it ever waits. */
  synchronized <T> T atomically(Supplier<T> action) {
    if (unplugged) {
      throw new GarageException.StorageFailed("the disk does not answer", null);
    }
    return action.get();
  }

  synchronized void powerOff() {
    names.powerOff(random);
    names.files().values().forEach(file -> file.powerOff(random));
    powerCycles++;
  }

  synchronized void wipe() {
    names.clear();
    powerCycles++;
  }

  void capacity(long bytes) {
    capacity = bytes;
  }

  Disk.Space space() {
    return new Disk.Space(Math.max(0, capacity - used()), capacity);
  }

  private long used() {
    long used = 0;
    for (FileBytes file : names.files().values()) {
      used += file.size();
    }
    return used;
  }

  FileBytes file(String path) {
    FileBytes file = names.files().get(path);
    if (file != null) {
      return file;
    }
    if (names.isDirectory(path)) {
      throw new GarageException.StorageFailed(path + " is a directory", null);
    }
    throw new GarageException.Missing("no file " + path);
  }

  FileBytes create(String path) {
    needDirectory(DiskPath.parent(path));
    if (names.isDirectory(path)) {
      throw new GarageException.StorageFailed(path + " is a directory", null);
    }
    FileBytes existing = names.files().get(path);
    if (existing != null) {
      existing.truncate();
      return existing;
    }
    if (space().available() == 0) {
      throw new GarageException.StorageFull("no space for a file");
    }
    FileBytes created = new FileBytes();
    names.link(path, created);
    return created;
  }

  void rename(String from, String to) {
    FileBytes file = file(from);
    needDirectory(DiskPath.parent(to));
    if (names.isDirectory(to)) {
      throw new GarageException.StorageFailed(to + " is a directory", null);
    }
    if (!from.equals(to)) {
      names.move(from, to, file);
    }
  }

  void delete(String path) {
    if (names.files().containsKey(path)) {
      names.unlink(path);
    } else if (names.isDirectory(path)) {
      if (!names.list(path).isEmpty()) {
        throw new GarageException.StorageFailed(path + " is not empty", null);
      }
      names.removeDirectory(path);
    }
  }

  List<String> list(String directory) {
    if (names.files().containsKey(directory)) {
      throw new GarageException.StorageFailed(directory + " is not a directory", null);
    }
    return List.copyOf(names.list(directory));
  }

  void createDirectories(String directory) {
    String done = "";
    for (String segment : directory.split("/", -1)) {
      done = done.isEmpty() ? segment : done + "/" + segment;
      if (names.files().containsKey(done)) {
        throw new GarageException.StorageFailed(done + " is not a directory", null);
      }
      names.addDirectory(done);
    }
  }

  void syncDirectory(String directory) {
    needDirectory(directory);
    fail(syncFailures, "sync");
    names.sync(directory);
  }

  byte[] read(FileBytes file, long position, int length) {
    fail(readFailures, "read");
    if (file.isUnreadable()) {
      throw new GarageException.StorageFailed("cannot read: a bad sector", null);
    }
    return file.read(position, length);
  }

  /** Writes what there is space for; answers how much that is. */
  int write(FileBytes file, long position, byte[] bytes) {
    fail(writeFailures, "write");
    long room = Math.max(0, file.size() - position) + space().available();
    int fits = (int) Math.min(bytes.length, room);
    if (fits > 0) {
      file.write(Math.toIntExact(position), Arrays.copyOf(bytes, fits));
    }
    return fits;
  }

  void sync(FileBytes file) {
    if (random.chance(syncFailures)) {
      file.failSync(random);
      throw new GarageException.StorageFailed("cannot sync: input/output error", null);
    }
    file.sync();
  }

  private void needDirectory(String directory) {
    if (names.files().containsKey(directory)) {
      throw new GarageException.StorageFailed(directory + " is not a directory", null);
    }
    if (!names.isDirectory(directory)) {
      throw new GarageException.Missing("no directory " + directory);
    }
  }

  private void fail(double probability, String what) {
    if (random.chance(probability)) {
      throw new GarageException.StorageFailed("cannot " + what + ": input/output error", null);
    }
  }
}
