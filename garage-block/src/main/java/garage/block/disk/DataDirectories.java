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
 *
 * <p>Where other nodes have copies of everything, a node mends itself instead: a directory that
 * lost its marker is taken for one whose content is gone and gets its old token again, and a node
 * whose metadata is gone takes the tokens it finds. Another's marker is refused all the same.
 */
public final class DataDirectories {
  /** The marker's name, in the root of each data directory. */
  public static final String MARKER = "garage-marker";

  /** The mapping's name, in the metadata directory. */
  public static final String MAPPING = "data_layout";

  private static final Logger log = LoggerFactory.getLogger(DataDirectories.class);

  private final Disk metadata;
  private final List<DataDirectory> directories;
  private volatile DirectoryMap map;

  private DataDirectories(Disk metadata, List<DataDirectory> directories, DirectoryMap map) {
    this.metadata = metadata;
    this.directories = directories;
    this.map = map;
  }

  /** Where blocks come from that are not where they were. */
  public enum Recovery {
    /** There are no other copies: whoever runs the node must look. */
    NONE,
    /** Other nodes have copies. */
    FROM_PEERS
  }

  /**
   * As {@link #open(Disk, List, RandomSource, Recovery, Runnable)} where there are no other copies
   * and nobody looks for blocks.
   *
   * @throws GarageException.InvalidInput with one line for the operator, if a directory is not the
   *     one it was
   */
  public static DataDirectories open(
      Disk metadata, List<DataDirectory> directories, RandomSource random) {
    return open(metadata, directories, random, Recovery.NONE, () -> {});
  }

  /**
   * Checks the directories against what is known of them and adapts the mapping to them.
   *
   * @param doubt notes durably that blocks may be missing, or unknown ones be there, that were not
   *     when the node was closed; called before the mapping is adapted, since no later start sees
   *     it
   * @throws GarageException.InvalidInput with one line for the operator, if a directory is not the
   *     one it was
   */
  public static DataDirectories open(
      Disk metadata,
      List<DataDirectory> directories,
      RandomSource random,
      Recovery recovery,
      Runnable doubt) {
    if (directories.isEmpty()
        || directories.stream().map(DataDirectory::name).distinct().count() < directories.size()) {
      throw new GarageException.InvalidInput("data directories must be given, each once");
    }
    DirectoryMap before = load(metadata);
    DirectoryMap adapted = adapt(before, directories, random);
    DirectoryMap after = recovery == Recovery.NONE ? adapted : recovered(directories, adapted);
    for (int i = 0; i < directories.size(); i++) {
      checkMarker(directories.get(i), after.directories().get(i));
    }
    if (!after.equals(adapted) || isSmaller(before, after)) {
      doubt.run();
    }
    if (!after.equals(before)) {
      store(metadata, after);
    }
    if (!after.directories().stream().allMatch(DirectoryMap.Entry::marked)) {
      after = mark(directories, after);
      store(metadata, after);
    }
    return new DataDirectories(metadata, List.copyOf(directories), after);
  }

  private static boolean isSmaller(DirectoryMap before, DirectoryMap after) {
    return before.directories().stream().anyMatch(entry -> indexOf(after, entry.name()) < 0);
  }

  /** Believes what is found, but for another node's or directory's marker. */
  private static DirectoryMap recovered(List<DataDirectory> directories, DirectoryMap known) {
    List<DirectoryMap.Entry> entries = new ArrayList<>();
    boolean adopted = false;
    for (int i = 0; i < directories.size(); i++) {
      DirectoryMap.Entry entry = known.directories().get(i);
      boolean there = directories.get(i).disk().exists(MARKER);
      if (entry.marked() && !there) {
        log.warn(
            "{} has lost its blocks, or its disk is not mounted: they are fetched from other nodes",
            entry.name());
        entries.add(new DirectoryMap.Entry(entry.name(), entry.token(), false));
      } else if (!entry.marked()
          && there
          && !token(directories.get(i)).equals("" + entry.token())) {
        log.warn("{} has blocks this node does not know: they are taken over", entry.name());
        entries.add(
            new DirectoryMap.Entry(entry.name(), Uuid.parse(token(directories.get(i))), true));
        adopted = true;
      } else {
        entries.add(entry);
      }
    }
    return new DirectoryMap(entries, adopted ? anywhere(known, entries.size()) : known.places());
  }

  /** The same places, with every other directory as one where blocks may be. */
  private static List<DirectoryMap.Place> anywhere(DirectoryMap map, int directories) {
    return map.places().stream()
        .map(place ->
            new DirectoryMap.Place(
                place.primary(),
                IntStream.range(0, directories).filter(d -> d != place.primary()).boxed().toList()))
        .toList();
  }

  private static String token(DataDirectory directory) {
    return new String(directory.disk().readAll(MARKER), StandardCharsets.UTF_8).strip();
  }

  /** Every block is in its primary directory now: forgets where else they have been. */
  void forgetEarlierPlaces() {
    DirectoryMap now = map;
    DirectoryMap next =
        new DirectoryMap(
            now.directories(),
            now.places().stream()
                .map(place -> new DirectoryMap.Place(place.primary(), List.of()))
                .toList());
    if (!next.equals(now)) {
      store(metadata, next);
      map = next;
    }
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
    if (!token(directory).equals(entry.token().toString())) {
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
