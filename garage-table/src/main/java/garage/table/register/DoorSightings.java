package garage.table.register;

import garage.common.id.Bytes32;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The closed {@link Doors} that replicas told this node of when it asked them, as a coordinator,
 * for something of a group. Such a group may be deleted for all this node knows: what led it there,
 * such as its own copy of a name, has to be confirmed before what was found, or was not found, in
 * the group is told to anybody.
 *
 * <p>Why a deleted group is always noticed: its doors were closed on a write quorum of every
 * partition, and whoever reads asks a quorum that shares a replica with that one. A group stays
 * here until somebody has confirmed that it stands, or {@link #MAX} others were met since, which
 * takes far longer than a request.
 */
public final class DoorSightings {
  /** A few dozen bytes each; a bucket that is not deleted is here for as long as a deletion is. */
  private static final int MAX = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Bytes32, Long> met = new LinkedHashMap<>();
  private volatile boolean none = true;
  private long sightings;

  /** A replica said that the door of the group of {@code key} is closed. */
  void met(byte[] key) {
    if (key.length >= Doors.GROUP_BYTES) {
      met(Bytes32.of(key, 0, Doors.GROUP_BYTES));
    }
  }

  /** The group may be deleted. */
  public void met(Bytes32 group) {
    lock.lock();
    try {
      met.remove(group);
      met.put(group, ++sightings);
      if (met.size() > MAX) {
        met.pollFirstEntry();
      }
      none = false;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the group may be deleted. Costs one volatile read where no closed door was met. */
  public boolean isDoubtful(Bytes32 group) {
    if (none) {
      return false;
    }
    lock.lock();
    try {
      return met.containsKey(group);
    } finally {
      lock.unlock();
    }
  }

  /** How many sightings there were: to be asked for before a group is confirmed. */
  public long count() {
    lock.lock();
    try {
      return sightings;
    } finally {
      lock.unlock();
    }
  }

  /** The group was confirmed to stand after the first {@code count} sightings. */
  public void confirmed(Bytes32 group, long count) {
    lock.lock();
    try {
      @Nullable Long last = met.get(group);
      if (last != null && last <= count) {
        met.remove(group);
        none = met.isEmpty();
      }
    } finally {
      lock.unlock();
    }
  }
}
