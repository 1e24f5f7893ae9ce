package garage.db.rocksdb;

import garage.db.TreeOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * One opening of the database with every native object it needs, freed in the reverse order. Nobody
 * may use it while it is being closed: RocksDB would not notice, but crash.
 */
final class OpenDatabase implements AutoCloseable {
  private final Deque<AbstractNativeReference> owned = new ArrayDeque<>();
  private final Map<String, ColumnFamilyHandle> families = new HashMap<>();
  private final RocksDB db;
  private final ReadOptions reads;

  private OpenDatabase(Path directory, Map<String, TreeOptions> trees, RocksSettings settings)
      throws RocksDBException {
    boolean opened = false;
    try {
      Tuning tuning = new Tuning(settings, owned);
      reads = own(new ReadOptions());
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      for (String name : names(directory, trees)) {
        TreeOptions options = trees.getOrDefault(name, TreeOptions.rows());
        descriptors.add(new ColumnFamilyDescriptor(bytes(name), tuning.family(options)));
      }
      DBOptions options = tuning.database();
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      db = RocksDB.open(options, directory.toString(), descriptors, handles);
      owned.push(db);
      for (int i = 0; i < handles.size(); i++) {
        families.put(text(descriptors.get(i).getName()), own(handles.get(i)));
      }
      opened = true;
    } finally {
      if (!opened) {
        free();
      }
    }
  }

  /** Opens the database in {@code directory}, which exists, creating what is missing in it. */
  static OpenDatabase open(Path directory, Map<String, TreeOptions> trees, RocksSettings settings)
      throws RocksDBException {
    return new OpenDatabase(directory, trees, settings);
  }

  RocksDB db() {
    return db;
  }

  /** Options of a plain read. */
  ReadOptions reads() {
    return reads;
  }

  /** The column family of a tree. */
  ColumnFamilyHandle family(String tree) {
    ColumnFamilyHandle family = families.get(tree);
    if (family == null) {
      throw new IllegalArgumentException("the store was not opened with the tree " + tree);
    }
    return family;
  }

  @Override
  public void close() {
    db.cancelAllBackgroundWork(true);
    free();
  }

  private void free() {
    while (!owned.isEmpty()) {
      owned.pop().close();
    }
  }

  private <T extends AbstractNativeReference> T own(T object) {
    owned.push(object);
    return object;
  }

  /** RocksDB wants every column family there is, also one of a later version of this program. */
  private static List<String> names(Path directory, Map<String, TreeOptions> trees)
      throws RocksDBException {
    List<String> names = new ArrayList<>();
    names.add(text(RocksDB.DEFAULT_COLUMN_FAMILY));
    if (Files.exists(directory.resolve("CURRENT"))) {
      try (Options options = new Options()) {
        for (byte[] name : RocksDB.listColumnFamilies(options, directory.toString())) {
          addNew(names, text(name));
        }
      }
    }
    trees.keySet().stream().sorted().forEach(name -> addNew(names, name));
    return names;
  }

  private static void addNew(List<String> names, String name) {
    if (!names.contains(name)) {
      names.add(name);
    }
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.UTF_8);
  }
}
