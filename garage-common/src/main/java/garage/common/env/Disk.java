package garage.common.env;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/**
 * One directory tree on one file system. Paths are relative, separated by {@code /}, without {@code
 * .} or {@code ..} segments. Bytes are durable after {@link DiskFile#sync}, names after {@link
 * #syncDirectory} of their directory. Every method throws {@link
 * garage.common.error.GarageException.StorageFailed} when the disk fails, {@link
 * garage.common.error.GarageException.StorageFull} when it has no space, and {@link
 * garage.common.error.GarageException.Missing} for a file that is not there.
 */
public interface Disk {
  /** Creates a file that does not exist, or empties the one that does, for writing and reading. */
  DiskFile create(String path);

  /**
   * Creates a file as {@link #create} does, to be written once from its beginning to its end.
   *
   * @param headBytes the room left at its beginning for what is known last, at most {@link
   *     DiskWriter#HEAD_BYTES_MAX}
   * @param durable whether finishing it makes its bytes durable; a disk need not keep those in
   *     memory for readers then
   */
  default DiskWriter writer(String path, int headBytes, boolean durable) {
    return new PositionalWriter(create(path), headBytes, durable);
  }

  /** Opens an existing file for reading. */
  DiskFile open(String path);

  /** Moves a file over {@code to}, atomically. */
  void rename(String from, String to);

  /** Removes a file; nothing happens if there is none. */
  void delete(String path);

  /** Whether there is a file or directory of this name. */
  boolean exists(String path);

  /** The names in a directory, in no order; empty if there is no such directory. */
  List<String> list(String directory);

  /** Makes a directory and its parents, and syncs the parents that were changed. */
  void createDirectories(String directory);

  /** As {@link #createDirectories(String)} for several, with one sync for each changed parent. */
  default void createDirectories(Collection<String> directories) {
    directories.forEach(this::createDirectories);
  }

  /** Makes the names in a directory durable; the empty path is the root. */
  void syncDirectory(String directory);

  /** The file system's size and free bytes. */
  Space space();

  /** Sizes in bytes; {@code available} is what this process may still write. */
  record Space(long available, long total) {}

  /** The whole file, for the small ones that hold local state. */
  default byte[] readAll(String path) {
    try (DiskFile file = open(path)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.read(0, bytes);
      return bytes.array();
    }
  }

  /**
   * Replaces a file so that after a crash it holds either the old or the new bytes: written to a
   * temporary name, synced, renamed, and the directory synced.
   */
  default void replace(String path, byte[] bytes) {
    String temporary = path + ".tmp";
    try (DiskFile file = create(temporary)) {
      file.write(0, ByteBuffer.wrap(bytes));
      file.sync();
    }
    rename(temporary, path);
    int slash = path.lastIndexOf('/');
    syncDirectory(slash < 0 ? "" : path.substring(0, slash));
  }
}
