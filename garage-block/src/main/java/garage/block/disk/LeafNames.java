package garage.block.disk;

import garage.common.env.Disk;
import garage.common.id.Hash;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Changes the names in one data directory's directories of blocks, and knows which of those have
 * changes that may not be durable yet. For any number of tasks.
 */
final class LeafNames {
  private static final int DURABLE = 0;
  private static final int CHANGED = 1;

  private final Disk disk;
  private final AtomicIntegerArray state = new AtomicIntegerArray(BlockPath.LEAVES);

  LeafNames(Disk disk) {
    this.disk = disk;
  }

  /** Gives a file of the block another name, in the same directory; not durably. */
  void rename(Hash hash, String from, String to) {
    try {
      disk.rename(from, to);
    } finally {
      changed(hash);
    }
  }

  /** Removes a file of the block, if there is one; not durably. */
  void delete(Hash hash, String path) {
    try {
      disk.delete(path);
    } finally {
      changed(hash);
    }
  }

  /** After the change, which a sync that has begun before may not contain; also if it failed. */
  private void changed(Hash hash) {
    state.set(BlockPath.leafOf(hash), CHANGED);
  }

  /**
   * Makes the names in a directory durable.
   *
   * @throws garage.common.error.GarageException.StorageFailed if that fails; it is tried again by
   *     {@link #syncChanged}
   */
  void sync(int leaf) {
    boolean done = false;
    state.set(leaf, DURABLE); // before the sync: what is changed from now on need not be in it
    try {
      disk.syncDirectory(BlockPath.leaf(leaf));
      done = true;
    } finally {
      if (!done) {
        state.set(leaf, CHANGED);
      }
    }
  }

  /** As {@link #sync}, of a directory that may not be there. */
  void syncIfThere(int leaf) {
    if (disk.exists(BlockPath.leaf(leaf))) {
      sync(leaf);
    }
  }

  /** Makes all names durable that were changed before this call. */
  void syncChanged() {
    for (int leaf = 0; leaf < BlockPath.LEAVES; leaf++) {
      if (state.get(leaf) == CHANGED) {
        syncIfThere(leaf);
      }
    }
  }
}
