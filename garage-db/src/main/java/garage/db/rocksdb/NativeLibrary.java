package garage.db.rocksdb;

import garage.common.error.GarageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Loads RocksDB's native library from the class path and removes the unpacked file at once:
 * RocksDB's own loader leaves 17 MB in the temporary directory whenever the process is killed.
 * Where the temporary directory cannot be written or executed from, as in a container with a
 * read-only root, the store's own directory serves.
 */
final class NativeLibrary {
  private NativeLibrary() {}

  /** Loads the library unless it is loaded already. */
  static void load(Path storeDirectory) {
    if (RocksDB.rocksdbVersion() != null) {
      return; // by another store of this process
    }
    try {
      loadFrom(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
    } catch (IOException | UnsatisfiedLinkError first) {
      try {
        loadFrom(storeDirectory);
      } catch (IOException | UnsatisfiedLinkError second) {
        second.addSuppressed(first);
        throw new GarageException.StorageFailed(
            "cannot load the metadata store's native library: " + second.getMessage(), second);
      }
    }
  }

  private static void loadFrom(Path parent) throws IOException {
    Path directory = Files.createTempDirectory(parent, "garage-native-");
    try {
      // The jar's name of it, and the one that loadLibrary(List) looks for, which is another.
      unpack(
          Environment.getJniLibraryFileName("rocksdb"),
          directory.resolve(Environment.getJniLibraryFileName("rocksdbjni")));
      RocksDB.loadLibrary(List.of(directory.toString()));
    } finally {
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  private static void unpack(String name, Path file) throws IOException {
    try (InputStream in = RocksDB.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("this build has no " + name);
      }
      Files.copy(in, file);
    }
  }
}
