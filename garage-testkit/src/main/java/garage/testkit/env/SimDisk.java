package garage.testkit.env;

import garage.common.env.Disk;
import garage.common.env.DiskFile;
import garage.common.env.DiskPath;
import garage.common.error.GarageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A disk that forgets what was not synced, tears writes, rots, fails and fills up when told to.
 * What exactly a loss of power keeps is drawn from the seed; {@link FileBytes} and {@link Names}
 * say what is possible.
 *
 * <p>Inside a {@link Simulation} it comes from {@link SimNode#disk}, and each operation takes
 * virtual time; an operation that has begun ends, cancelled or not, as on the real disk. For a test
 * without a simulation {@link #standalone} makes one that takes no time.
 */
public final class SimDisk implements Disk {
  private final Platter platter;
  private final DiskHost host;

  SimDisk(Platter platter, DiskHost host) {
    this.platter = platter;
    this.host = host;
  }

  /** An empty disk outside any simulation. */
  public static SimDisk standalone(long seed) {
    return new SimDisk(new Platter(new SeededRandom(seed)), new DiskHost(null, "disk"));
  }

  @Override
  public DiskFile create(String path) {
    DiskPath.file(path);
    return operation("create " + path, () -> open(path, platter.create(path), true));
  }

  @Override
  public DiskFile open(String path) {
    DiskPath.file(path);
    return operation("open " + path, () -> open(path, platter.file(path), false));
  }

  private DiskFile open(String path, FileBytes file, boolean writable) {
    return new SimDiskFile(this, platter, path, file, writable);
  }

  @Override
  public void rename(String from, String to) {
    DiskPath.file(from);
    DiskPath.file(to);
    operation("rename " + from + " " + to, () -> platter.rename(from, to));
  }

  @Override
  public void delete(String path) {
    DiskPath.file(path);
    cleanup("delete " + path, () -> platter.delete(path));
  }

  @Override
  public boolean exists(String path) {
    DiskPath.directory(path);
    return operation(
        "exists " + path,
        () -> platter.names.files().containsKey(path) || platter.names.isDirectory(path));
  }

  @Override
  public List<String> list(String directory) {
    DiskPath.directory(directory);
    return operation("list " + directory, () -> platter.list(directory));
  }

  @Override
  public void createDirectories(String directory) {
    if (!DiskPath.directory(directory).isEmpty()) {
      operation("make " + directory, () -> platter.createDirectories(directory));
    }
  }

  @Override
  public void syncDirectory(String directory) {
    DiskPath.directory(directory);
    operation("sync directory " + directory, () -> platter.syncDirectory(directory));
  }

  @Override
  public Space space() {
    host.enter();
    return platter.atomically(platter::space);
  }

  void operation(String what, Runnable effect) {
    host.enter();
    host.checkCancelled();
    cleanup(what, effect);
  }

  <T> T operation(String what, Supplier<T> effect) {
    host.enter();
    host.checkCancelled();
    return perform(what, effect);
  }

  /** An operation that goes through even for a cancelled task. */
  void cleanup(String what, Runnable effect) {
    perform(
        what,
        () -> {
          effect.run();
          return true;
        });
  }

  private <T> T perform(String what, Supplier<T> effect) {
    host.enter();
    host.trace(what);
    host.pause(platter);
    T result = platter.atomically(effect);
    host.pause(platter);
    return result;
  }

  // --- faults

  /** Loses power: for a disk that stands alone; a node's are part of {@link SimNode#powerOff}. */
  public void powerOff() {
    host.trace("power off");
    platter.powerOff();
  }

  /** How long an operation takes. */
  public void latency(Duration min, Duration max) {
    platter.latencyMinNanos = min.toNanos();
    platter.latencyMaxNanos = max.toNanos();
  }

  /** The size of the disk; what is beyond it now stays. */
  public void capacity(long bytes) {
    platter.capacity(bytes);
  }

  /** Lets reads fail with this probability, and work again at the next try. */
  public void failReads(double probability) {
    platter.readFailures = probability;
  }

  /** Lets writes fail with this probability. */
  public void failWrites(double probability) {
    platter.writeFailures = probability;
  }

  /** Lets syncs fail with this probability; what such a sync lost, no later one brings back. */
  public void failSyncs(double probability) {
    platter.syncFailures = probability;
  }

  /** Lets every operation fail until {@link #replug}. */
  public void unplug() {
    host.trace("unplug");
    platter.unplugged = true;
  }

  /** Ends {@link #unplug}. */
  public void replug() {
    host.trace("replug");
    platter.unplugged = false;
  }

  /** Makes a file unreadable until it is written again. */
  public void breakFile(String path) {
    host.trace("break " + path);
    platter.file(path).makeUnreadable();
  }

  /**
   * Flips one bit, drawn from the seed; of an empty file none, as one is made before it is full.
   */
  public void rot(String path) {
    int size = platter.file(path).size();
    if (size > 0) {
      rot(path, platter.random.nextInt(size));
    }
  }

  /** Flips one bit of the byte at {@code position}. */
  public void rot(String path, int position) {
    host.trace("rot " + path + " " + position);
    platter.file(path).rot(position, platter.random.nextInt(8));
  }

  /** Writes one file's content over another's, as a disk that mistakes an address does. */
  public void misdirect(String from, String to) {
    host.trace("misdirect " + from + " " + to);
    platter.file(to).takeFrom(platter.file(from));
  }

  /** Takes every file away, as a disk that was replaced by an empty one; directories stay. */
  public void wipe() {
    host.trace("wipe");
    platter.wipe();
  }

  /** The paths of all files. */
  public SortedSet<String> files() {
    return new TreeSet<>(platter.names.files().keySet());
  }

  private static final class SimDiskFile implements DiskFile {
    private final SimDisk disk;
    private final Platter platter;
    private final String path;
    private final FileBytes file;
    private final boolean writable;
    private final int powerCycle;
    private boolean closed;

    SimDiskFile(SimDisk disk, Platter platter, String path, FileBytes file, boolean writable) {
      this.disk = disk;
      this.platter = platter;
      this.path = path;
      this.file = file;
      this.writable = writable;
      this.powerCycle = platter.powerCycles;
    }

    @Override
    public long size() {
      return disk.operation("size " + path, () -> (long) open().size());
    }

    @Override
    public void read(long position, ByteBuffer target) {
      int wanted = target.remaining();
      byte[] bytes =
          disk.operation(
              "read " + path + " " + position + " " + wanted,
              () -> platter.read(open(), position, wanted));
      target.put(bytes);
      if (bytes.length < wanted) {
        throw new GarageException.Corrupt(path + " ends at " + (position + bytes.length));
      }
    }

    @Override
    public void write(long position, ByteBuffer source) {
      if (!writable) {
        throw new IllegalStateException(path + " is open for reading");
      }
      byte[] bytes = new byte[source.remaining()];
      source.get(source.position(), bytes);
      int written =
          disk.operation(
              "write " + path + " " + position + " " + bytes.length,
              () -> platter.write(open(), position, bytes));
      source.position(source.position() + written);
      if (written < bytes.length) {
        throw new GarageException.StorageFull("no space for " + path);
      }
    }

    @Override
    public void sync() {
      disk.operation("sync " + path, () -> platter.sync(open()));
    }

    @Override
    public void close() {
      closed = true;
    }

    private FileBytes open() {
      if (closed || powerCycle != platter.powerCycles) {
        throw new GarageException.StorageFailed(path + " is closed", null);
      }
      return file;
    }
  }
}
