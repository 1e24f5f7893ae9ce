package garage.common.env.system;

import garage.common.env.Disk;
import garage.common.env.DiskFile;
import garage.common.env.DiskPath;
import garage.common.env.DiskWriter;
import garage.common.error.GarageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A directory of a real file system.
 *
 * <p>Cancellation: a call that has not begun throws {@link GarageException.Cancelled}; one that has
 * runs to its end, because a write or rename half done is worse than one done late. {@link #delete}
 * and {@code close} go through even then, so that a cancelled task can clean up after itself. See
 * {@link SystemDiskFile} for how an interrupt is kept from closing a file that others read.
 */
public final class SystemDisk implements Disk {
  /** Names remembered as durable: more than the directories of a block store; ~100 bytes each. */
  private static final int DURABLE_MAX = 200_000;

  /** For an existing file that is written again. */
  static final Set<OpenOption> OVERWRITING =
      Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);

  /** For a file that is made, or emptied if it is there. */
  static final Set<OpenOption> EMPTYING =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE);

  private final Path root;
  private final FileStore store;
  private final SyncThreads syncs = new SyncThreads();
  private final StagingBuffers staging = new StagingBuffers();
  private final DirectWrites directWrites = new DirectWrites();

  /**
   * Directories whose names were synced since this process started. One that it finds may have been
   * made by a process that was killed before it came to that, so each is synced once.
   */
  private final Set<String> durable = new HashSet<>();

  /** Held while directories are made, so that nobody uses one before its name is durable. */
  private final ReentrantLock makingDirectories = new ReentrantLock();

  /**
   * A disk rooted at {@code root}, which is made if it does not exist.
   *
   * @throws GarageException.StorageFailed if it cannot be made or is not a directory
   */
  public SystemDisk(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root);
      store = Files.getFileStore(root);
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot use the directory " + root, e);
    }
  }

  @Override
  public DiskFile create(String path) {
    Path file = root.resolve(DiskPath.file(path));
    return write("create " + path, () -> SystemDiskFile.open(this, file, EMPTYING));
  }

  @Override
  public DiskWriter writer(String path, int headBytes, boolean durable) {
    Path file = root.resolve(DiskPath.file(path));
    return write("create " + path, () -> StagedWriter.open(this, file, headBytes, durable));
  }

  @Override
  public DiskFile open(String path) {
    Path file = root.resolve(DiskPath.file(path));
    return read(
        "open " + path, () -> SystemDiskFile.open(this, file, Set.of(StandardOpenOption.READ)));
  }

  @Override
  public void rename(String from, String to) {
    Path source = root.resolve(DiskPath.file(from));
    Path target = root.resolve(DiskPath.file(to));
    write(
        "rename " + from + " to " + to,
        () -> Files.move(source, target, StandardCopyOption.ATOMIC_MOVE));
  }

  @Override
  public void delete(String path) {
    Path file = root.resolve(DiskPath.file(path));
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failure("delete " + path, e);
    }
  }

  @Override
  public boolean exists(String path) {
    Path file = root.resolve(DiskPath.directory(path));
    return read(
        "look at " + path,
        () -> {
          try {
            // Files.exists would answer false for a disk that fails.
            var _ = Files.readAttributes(file, BasicFileAttributes.class);
            return true;
          } catch (NoSuchFileException e) {
            return false;
          }
        });
  }

  @Override
  public List<String> list(String directory) {
    Path path = root.resolve(DiskPath.directory(directory));
    return read("list " + directory, () -> names(path));
  }

  private static List<String> names(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  @Override
  public void createDirectories(String directory) {
    createDirectories(List.of(directory));
  }

  @Override
  public void createDirectories(Collection<String> directories) {
    Set<String> all = new LinkedHashSet<>();
    directories.forEach(directory -> addWithParents(DiskPath.directory(directory), all));
    makingDirectories.lock();
    try {
      Set<String> changed = new LinkedHashSet<>();
      for (String directory : all) {
        if (createDirectory(directory) || !durable.contains(directory)) {
          changed.add(DiskPath.parent(directory));
        }
      }
      changed.forEach(this::syncDirectory);
      remember(all);
    } finally {
      makingDirectories.unlock();
    }
  }

  private static void addWithParents(String directory, Set<String> all) {
    if (!directory.isEmpty()) {
      addWithParents(DiskPath.parent(directory), all);
      all.add(directory);
    }
  }

  private void remember(Set<String> directories) {
    if (durable.size() + directories.size() > DURABLE_MAX) {
      durable.clear();
    }
    durable.addAll(directories);
  }

  private boolean createDirectory(String directory) {
    Path path = root.resolve(directory);
    return write(
        "make " + directory,
        () -> {
          try {
            Files.createDirectory(path);
            return true;
          } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(path)) {
              throw e;
            }
            return false;
          }
        });
  }

  @Override
  public void syncDirectory(String directory) {
    Path path = root.resolve(DiskPath.directory(directory));
    write("sync " + directory, () -> syncs.call(() -> sync(path)));
  }

  private static boolean sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
      return true;
    }
  }

  @Override
  public Space space() {
    try {
      return new Space(store.getUsableSpace(), store.getTotalSpace());
    } catch (IOException e) {
      throw failure("measure the space of " + root, e);
    }
  }

  /** The threads on which this disk's syncs run. */
  SyncThreads syncs() {
    return syncs;
  }

  /** Memory for files that are made on this disk. */
  StagingBuffers staging() {
    return staging;
  }

  /** Whether this disk takes writes past the page cache. */
  DirectWrites directWrites() {
    return directWrites;
  }

  /** Begins and translates one operation that takes no space. */
  <T> T read(String what, Call<T> action) {
    Interrupts.check();
    try {
      return action.call();
    } catch (IOException e) {
      throw failure(what, e);
    }
  }

  /** Begins and translates one operation that may find the disk full. */
  <T> T write(String what, Call<T> action) {
    Interrupts.check();
    try {
      return action.call();
    } catch (IOException e) {
      if (!(e instanceof NoSuchFileException) && DiskFull.explains(e, store)) {
        throw new GarageException.StorageFull(root + ": cannot " + what + ": " + e);
      }
      throw failure(what, e);
    }
  }

  private GarageException failure(String what, IOException e) {
    return e instanceof NoSuchFileException
        ? new GarageException.Missing(root + ": cannot " + what + ": no such file")
        : new GarageException.StorageFailed(root + ": cannot " + what + ": " + e, e);
  }

  /** An operation with a result that may fail as the JDK's do. */
  interface Call<T> {
    T call() throws IOException;
  }
}
