package garage.block.disk;

import garage.common.env.Disk;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data directories of a node, checked, and which blocks live where.
 *
 * <p>Each directory has a marker file with a random token, and the mapping in the metadata
 * directory knows the token. A directory whose marker is missing is a disk that is not mounted; one
 * with another's marker is a disk mounted in the wrong place: writing there, or believing that the
 * blocks are gone, would do harm, so the node refuses to start. At first use the mapping with the
 * new token is made durable before the marker, and says that the marker is still to come; so a
 * crash in between is told from a missing disk.
 */
public final class DataDirectories {
  /** The marker's name, in the root of each data directory. */
  public static final String MARKER = "garage-marker";

  /** The mapping's name, in the metadata directory. */
  public static final String MAPPING = "data_layout";

  private static final Logger log = LoggerFactory.getLogger(DataDirectories.class);

  private final List<DataDirectory> directories;
  private final DirectoryMap map;

  private DataDirectories(List<DataDirectory> directories, DirectoryMap map) {
    this.directories = directories;
    this.map = map;
  }

  /**
   * Checks the directories against what is known of them and adapts the mapping to them.
   *
   * @throws GarageException.InvalidInput with one line for the operator, if a directory is not the
   *     one it was
   */
  public static DataDirectories open(
      Disk metadata, List<DataDirectory> directories, RandomSource random) {
    if (directories.isEmpty()
        || directories.stream().map(DataDirectory::name).distinct().count() < directories.size()) {
      throw new GarageException.InvalidInput("data directories must be given, each once");
    }
    DirectoryMap before = load(metadata);
    DirectoryMap after = adapt(before, directories, random);
    for (int i = 0; i < directories.size(); i++) {
      checkMarker(directories.get(i), after.directories().get(i));
    }
    if (!after.equals(before)) {
      store(metadata, after);
    }
    if (!after.directories().stream().allMatch(DirectoryMap.Entry::marked)) {
      after = mark(directories, after);
      store(metadata, after);
    }
    return new DataDirectories(List.copyOf(directories), after);
  }

  /** All of them, in the order configured. */
  public List<DataDirectory> all() {
    return directories;
  }

  /** The index of the directory where a new block goes. */
  int primary(Hash hash) {
    return map.place(hash).primary();
  }

  /** The indices of the directories where a block may be, likeliest first. */
  List<Integer> candidates(Hash hash) {
    DirectoryMap.Place place = map.place(hash);
    List<Integer> all = new ArrayList<>(1 + place.secondaries().size());
    all.add(place.primary());
    all.addAll(place.secondaries());
    return all;
  }

  private static DirectoryMap load(Disk metadata) {
    if (!metadata.exists(MAPPING)) {
      return new DirectoryMap(List.of(), unassigned());
    }
    return DirectoryMap.CODEC.decode(metadata.readAll(MAPPING));
  }

  private static List<DirectoryMap.Place> unassigned() {
    DirectoryMap.Place nowhere = new DirectoryMap.Place(0, List.of());
    return IntStream.range(0, DirectoryMap.SUB_PARTITIONS).mapToObj(p -> nowhere).toList();
  }

  private static void store(Disk metadata, DirectoryMap map) {
    metadata.replace(MAPPING, DirectoryMap.CODEC.encode(map));
  }

  private static DirectoryMap adapt(
      DirectoryMap before, List<DataDirectory> directories, RandomSource random) {
    List<DirectoryMap.Entry> entries = new ArrayList<>();
    List<DirectoryAssignment.Wanted> wanted = new ArrayList<>();
    for (DataDirectory directory : directories) {
      int index = indexOf(before, directory.name());
      entries.add(
          index >= 0
              ? before.directories().get(index)
              : new DirectoryMap.Entry(
                  directory.name(), Uuid.of(random.bytes(Bytes32.LENGTH)), false));
      wanted.add(new DirectoryAssignment.Wanted(directory.weight(), directory.readOnly(), index));
    }
    for (DirectoryMap.Entry known : before.directories()) {
      if (directories.stream().noneMatch(d -> d.name().equals(known.name()))) {
        log.warn("{} is no longer a data directory: its blocks are not used", known.name());
      }
    }
    List<DirectoryMap.Place> places = before.directories().isEmpty() ? List.of() : before.places();
    return new DirectoryMap(entries, DirectoryAssignment.assign(places, wanted));
  }

  private static int indexOf(DirectoryMap map, String name) {
    return IntStream.range(0, map.directories().size())
        .filter(i -> map.directories().get(i).name().equals(name))
        .findFirst()
        .orElse(-1);
  }

  private static void checkMarker(DataDirectory directory, DirectoryMap.Entry entry) {
    if (!directory.disk().exists(MARKER)) {
      if (entry.marked()) {
        throw new GarageException.InvalidInput(
            directory.name()
                + ": the file "
                + MARKER
                + " is missing, so this is not the data directory it was; is the disk mounted?");
      }
      return;
    }
    String found = new String(directory.disk().readAll(MARKER), StandardCharsets.UTF_8).strip();
    if (!found.equals(entry.token().toString())) {
      throw new GarageException.InvalidInput(
          directory.name()
              + ": the file "
              + MARKER
              + " is another node's or another directory's; are disks or metadata_dir mixed up?");
    }
  }

  private static DirectoryMap mark(List<DataDirectory> directories, DirectoryMap map) {
    for (int i = 0; i < directories.size(); i++) {
      DirectoryMap.Entry entry = map.directories().get(i);
      if (!entry.marked()) {
        byte[] token = (entry.token() + "\n").getBytes(StandardCharsets.UTF_8);
        directories.get(i).disk().replace(MARKER, token);
      }
    }
    return new DirectoryMap(
        map.directories().stream().map(DirectoryMap.Entry::asMarked).toList(), map.places());
  }
}
