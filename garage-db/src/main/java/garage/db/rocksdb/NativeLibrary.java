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
 * read-only root, the store's own directory serves. An installation that has unpacked it names the
 * directory in the system property {@value #DIRECTORY}, which saves a tenth of a second a start.
 */
final class NativeLibrary {
  /** What {@link RocksDB#loadLibrary(List)} looks for, which is not the name it has in its jar. */
  private static final String NAME_LOOKED_FOR = Environment.getJniLibraryFileName("rocksdbjni");

  private static final String DIRECTORY = "garage.native";

  private NativeLibrary() {}

  /** Loads the library unless it is loaded already. */
  static void load(Path storeDirectory) {
    if (RocksDB.rocksdbVersion() != null) {
      return; // by another store of this process
    }
    String unpacked = System.getProperty(DIRECTORY);
    if (unpacked != null && Files.exists(Path.of(unpacked, NAME_LOOKED_FOR))) {
      RocksDB.loadLibrary(List.of(unpacked));
      return;
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
      unpack(Environment.getJniLibraryFileName("rocksdb"), directory.resolve(NAME_LOOKED_FOR));
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
