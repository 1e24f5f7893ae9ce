package garage.block.disk;

import garage.common.env.Disk;

/**
 * One configured directory for blocks.
 *
 * @param name its path as configured, which is its identity in the persisted mapping
 * @param weight its capacity in bytes; any equal numbers if capacities do not matter
 * @param readOnly whether no new blocks go there
 */
public record DataDirectory(String name, Disk disk, long weight, boolean readOnly) {
  public DataDirectory {
    if (name.isEmpty() || weight < 1) {
      throw new IllegalArgumentException("a data directory has a name and a positive capacity");
    }
  }
}
