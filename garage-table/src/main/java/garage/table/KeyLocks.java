package garage.table;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Locks for rows, striped by key: who reads a row, changes it and commits holds its lock
 * throughout. Several rows are locked in the order of the stripes, so that two batches cannot wait
 * for each other. Reentrant locks, never monitors (architecture §3).
 */
public final class KeyLocks {
  /** Enough that 64 concurrent commits of different keys rarely meet. */
  private static final int STRIPES = 4096;

  private final List<ReentrantLock> stripes =
      Stream.generate(() -> new ReentrantLock()).limit(STRIPES).toList();

  /** Locks the rows of {@code keys}; closing unlocks them. */
  public Held lock(List<byte[]> keys) {
    int[] indices =
        keys.stream().mapToInt(k -> Math.floorMod(Arrays.hashCode(k), STRIPES)).toArray();
    List<ReentrantLock> locks =
        IntStream.of(indices).sorted().distinct().mapToObj(stripes::get).toList();
    locks.forEach(ReentrantLock::lock);
    return () -> locks.reversed().forEach(ReentrantLock::unlock);
  }

  /** Locks one row. */
  public Held lock(byte[] key) {
    ReentrantLock stripe = stripes.get(Math.floorMod(Arrays.hashCode(key), STRIPES));
    stripe.lock();
    return stripe::unlock;
  }

  /** Waits until everything that held a lock when this was called has let go of it. */
  public void drain() {
    for (ReentrantLock stripe : stripes) {
      stripe.lock();
      try {
        assert stripe.isHeldByCurrentThread(); // whoever had it is done
      } finally {
        stripe.unlock();
      }
    }
  }

  /** Locked rows. */
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }
}
