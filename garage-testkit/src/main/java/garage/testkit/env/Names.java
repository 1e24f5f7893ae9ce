package garage.testkit.env;

import garage.common.env.DiskPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The names on a simulated disk, twice like {@link FileBytes}: as the process sees them, and as the
 * platter has them. A change of a name becomes durable when its directory is synced (for a rename,
 * the directory it went to). Until then a loss of power may keep or lose it, but not before an
 * earlier change of the same name; and a rename happens wholly or not at all.
 *
 * <p>Directories are durable at once, as {@link garage.common.env.Disk#createDirectories} promises.
 */
final class Names {
  private final TreeMap<String, FileBytes> files = new TreeMap<>();
  private final TreeMap<String, FileBytes> durable = new TreeMap<>();
  private final TreeSet<String> directories = new TreeSet<>(Set.of(""));
  private final List<Change> pending = new ArrayList<>();

  private sealed interface Change {
    record Link(String path, FileBytes file) implements Change {}

    record Unlink(String path) implements Change {}

    record Move(String from, String to, FileBytes file) implements Change {}

    default void apply(Map<String, FileBytes> names) {
      switch (this) {
        case Link(String path, FileBytes file) -> names.put(path, file);
        case Unlink(String path) -> names.remove(path);
        case Move(String from, String to, FileBytes file) -> {
          names.remove(from);
          names.put(to, file);
        }
      }
    }

    default List<String> paths() {
      return switch (this) {
        case Link(String path, FileBytes _) -> List.of(path);
        case Unlink(String path) -> List.of(path);
        case Move(String from, String to, FileBytes _) -> List.of(from, to);
      };
    }

    default String directory() {
      return DiskPath.parent(paths().getLast());
    }
  }

  Map<String, FileBytes> files() {
    return files;
  }

  boolean isDirectory(String path) {
    return directories.contains(path);
  }

  void link(String path, FileBytes file) {
    change(new Change.Link(path, file));
  }

  void unlink(String path) {
    change(new Change.Unlink(path));
  }

  void move(String from, String to, FileBytes file) {
    change(new Change.Move(from, to, file));
  }

  private void change(Change change) {
    change.apply(files);
    pending.add(change);
  }

  void addDirectory(String path) {
    directories.add(path);
  }

  void removeDirectory(String path) {
    directories.remove(path);
  }

  /** What is directly in a directory. */
  Set<String> list(String directory) {
    String prefix = directory.isEmpty() ? "" : directory + "/";
    Set<String> names = new TreeSet<>();
    for (Set<String> paths : List.of(files.keySet(), directories)) {
      for (String path : paths) {
        String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
        if (!name.isEmpty() && !name.contains("/")) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /** Makes the changes in a directory durable, and the earlier ones they stand on. */
  void sync(String directory) {
    Set<String> touched = new HashSet<>();
    List<Change> kept = new ArrayList<>();
    List<Change> synced = new ArrayList<>();
    for (Change change : pending.reversed()) {
      if (change.directory().equals(directory)
          || change.paths().stream().anyMatch(touched::contains)) {
        touched.addAll(change.paths());
        synced.add(change);
      } else {
        kept.add(change);
      }
    }
    synced.reversed().forEach(change -> change.apply(durable));
    pending.clear();
    pending.addAll(kept.reversed());
  }

  void clear() {
    files.clear();
    durable.clear();
    pending.clear();
  }

  void powerOff(SeededRandom random) {
    double keep = random.nextInt(3) / 2.0; // none, half or all
    Set<String> lost = new HashSet<>();
    for (Change change : pending) {
      if (random.chance(keep) && change.paths().stream().noneMatch(lost::contains)) {
        change.apply(durable);
      } else {
        lost.addAll(change.paths());
      }
    }
    pending.clear();
    files.clear();
    files.putAll(durable);
    files.keySet().forEach(this::addParents);
  }

  private void addParents(String path) {
    String parent = DiskPath.parent(path);
    if (directories.add(parent)) {
      addParents(parent);
    }
  }
}
