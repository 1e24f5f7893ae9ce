package garage.db.snapshot;

import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.db.Store;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Takes copies of a node's metadata: a directory for each, named by the time, in which {@code db}
 * is a consistent copy of the store and the small files beside it are those of the metadata
 * directory. Going back is putting the files where they came from, with the node stopped.
 *
 * <p>A snapshot counts once its file {@code complete} is there, which is written last; one without
 * it was not finished, and is removed by the next. The newest {@link #KEPT} are kept. On the
 * store's own file system a copy shares the store's files and takes space only as those are
 * replaced.
 *
 * <p>One is taken at a time; a second caller is refused, not queued.
 */
public final class Snapshots {
  /** The newest may be of the moment just after an accident, so the one before it stays too. */
  public static final int KEPT = 2;

  static final String STORE = "db";

  /** Where the store builds its copy before it renames it. */
  private static final String STORE_UNFINISHED = "db.tmp";

  static final String COMPLETE = "complete";

  /** Sorts by time, and is what upstream's tools look for. */
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Store store;
  private final Supplier<SortedMap<String, byte[]>> files;
  private final SnapshotPlace place;
  private final Clock clock;
  private final ReentrantLock busy = new ReentrantLock();

  /** {@code files} gives what belongs into a snapshot beside the store, by name. */
  public Snapshots(
      Store store, Supplier<SortedMap<String, byte[]>> files, SnapshotPlace place, Clock clock) {
    this.store = store;
    this.files = files;
    this.place = place;
    this.clock = clock;
  }

  /**
   * Takes one, removes those that are too old, and answers its name.
   *
   * @throws GarageException.Conflict if one is being taken
   */
  public String take() {
    if (!busy.tryLock()) {
      throw new GarageException.Conflict("a metadata snapshot is being taken already");
    }
    try {
      String name = NAME.format(clock.now());
      if (place.disk().exists(place.in(name))) {
        throw new GarageException.Conflict("there is a metadata snapshot " + name + " already");
      }
      write(name);
      removeOld();
      return name;
    } finally {
      busy.unlock();
    }
  }

  /** The names of those that are complete, the oldest first. */
  public List<String> list() {
    Disk disk = place.disk();
    return names().stream().filter(name -> disk.exists(place.in(name) + "/" + COMPLETE)).toList();
  }

  private List<String> names() {
    return place.disk().list(place.directory()).stream()
        .filter(Snapshots::isName)
        .sorted()
        .toList();
  }

  /** Other files in the directory are not ours to look into, let alone to remove. */
  private static boolean isName(String name) {
    return name.matches("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z");
  }

  private void write(String name) {
    Disk disk = place.disk();
    boolean complete = false;
    try {
      String directory = place.in(name);
      disk.createDirectories(directory);
      files.get().forEach((file, bytes) -> disk.replace(directory + "/" + file, bytes));
      store.checkpoint(place.path() + "/" + name + "/" + STORE);
      disk.replace(directory + "/" + COMPLETE, new byte[0]);
      complete = true;
    } finally {
      if (!complete) {
        remove(name); // a full disk needs the space back
      }
    }
  }

  private void removeOld() {
    List<String> complete = list();
    List<String> kept = complete.subList(Math.max(0, complete.size() - KEPT), complete.size());
    names().stream().filter(name -> !kept.contains(name)).forEach(this::remove);
  }

  private void remove(String name) {
    Disk disk = place.disk();
    String snapshot = place.in(name);
    disk.delete(snapshot + "/" + COMPLETE); // first: what is removed by half is none
    for (String directory :
        List.of(snapshot + "/" + STORE, snapshot + "/" + STORE_UNFINISHED, snapshot)) {
      if (disk.exists(directory)) {
        disk.list(directory).forEach(file -> disk.delete(directory + "/" + file));
        disk.delete(directory);
      }
    }
  }
}
