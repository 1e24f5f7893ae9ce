package garage.db.snapshot;

import garage.common.env.Disk;

/**
 * A directory for snapshots.
 *
 * @param directory where it is on {@code disk}; empty for the root
 * @param path the same directory as {@link garage.db.Store#checkpoint} takes it
 */
public record SnapshotPlace(Disk disk, String directory, String path) {
  String in(String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }
}
