package garage.rpc.membership;

import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.layout.HistoryMerge;
import garage.layout.LayoutDigest;
import garage.layout.LayoutHistory;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The layout as this node knows it: durable before anybody sees it. */
final class LayoutStore {
  static final String FILE = "cluster_layout";
  private static final Logger LOG = LoggerFactory.getLogger(LayoutStore.class);

  private final Disk disk;
  private final Consumer<LayoutHistory> onChange;
  private final ReentrantLock lock = new ReentrantLock();

  /** Held for reading by what must not see the epoch change, for writing while it does. */
  private final ReentrantReadWriteLock steady = new ReentrantReadWriteLock();

  private volatile Known known;
  private volatile @Nullable String divergence;

  /** A layout, and what tells it from others: every status that peers exchange says that. */
  private record Known(LayoutHistory history, LayoutDigest digest) {
    Known(LayoutHistory history) {
      this(history, history.digest());
    }
  }

  /**
   * Reads the file; {@code initial} if there is none.
   *
   * @throws GarageException.Corrupt if it is damaged: guessing a layout would lose data
   */
  LayoutStore(Disk disk, LayoutHistory initial, Consumer<LayoutHistory> onChange) {
    this.disk = disk;
    this.onChange = onChange;
    this.known =
        new Known(disk.exists(FILE) ? LayoutHistory.CODEC.decode(disk.readAll(FILE)) : initial);
  }

  LayoutHistory history() {
    return known.history();
  }

  /** The digest of {@link #history}. */
  LayoutDigest digest() {
    return known.digest();
  }

  /** Runs {@code action}, which must be short, while the epoch does not change. */
  <T> T unchanged(Supplier<T> action) {
    steady.readLock().lock();
    try {
      return action.get();
    } finally {
      steady.readLock().unlock();
    }
  }

  /**
   * Why another node's layout and this one's could not be brought together since the last epoch.
   */
  @Nullable String divergence() {
    return divergence;
  }

  /**
   * Takes in what another node knows.
   *
   * @throws GarageException.Conflict if the two contradict each other; nothing is changed then
   */
  LayoutHistory merge(LayoutHistory theirs) {
    lock.lock();
    try {
      return switch (history().merge(theirs)) {
        case HistoryMerge.Merged(LayoutHistory merged) -> put(merged);
        case HistoryMerge.Diverged diverged -> {
          if (!diverged.message().equals(divergence)) {
            LOG.error("{}", diverged.message());
          }
          divergence = diverged.message();
          throw new GarageException.Conflict(diverged.message());
        }
      };
    } finally {
      lock.unlock();
    }
  }

  /** Replaces {@code expected} by {@code next}, unless something came in between. */
  boolean replace(LayoutHistory expected, LayoutHistory next) {
    lock.lock();
    try {
      if (!history().equals(expected)) {
        return false;
      }
      put(next);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private LayoutHistory put(LayoutHistory next) {
    LayoutHistory before = history();
    if (!next.equals(before)) {
      disk.replace(FILE, LayoutHistory.CODEC.encode(next));
      Known after = new Known(next);
      boolean begins = !next.epoch().equals(before.epoch());
      if (begins) {
        divergence = null;
        steady.writeLock().lock();
      }
      try {
        known = after;
      } finally {
        if (begins) {
          steady.writeLock().unlock();
        }
      }
      onChange.accept(next);
    }
    return next;
  }
}
