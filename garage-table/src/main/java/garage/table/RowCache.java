package garage.table;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decoded rows that every request reads: keys, buckets and their names. A row that is not there is
 * kept as such. Filled by reads and emptied by changes, never filled by changes.
 *
 * <p>Invariant: what is answered was read from the store after the last {@link #forget} of its key
 * had begun. Who changes a row commits first and then forgets it, before anybody is told of the
 * change. A read that began before that may end after it with the old row; it is not answered to
 * others, because every entry carries the count of its slot's changes from before its read, and is
 * good only while that is still the count.
 *
 * <p>Rows of different keys may share a slot and then take turns in it. Safe for any number of
 * tasks; nothing blocks.
 */
public final class RowCache<E> {
  /** Access keys and buckets that are in use at once, on most nodes. */
  private static final int SLOTS = 512;

  /** Of stored rows; a decoded one takes about four times as much. */
  private static final long BYTES_MAX = 1 << 20;

  private final AtomicReferenceArray<@Nullable Entry<E>> slots = new AtomicReferenceArray<>(SLOTS);
  private final AtomicLongArray changes = new AtomicLongArray(SLOTS);
  private final AtomicLong bytes = new AtomicLong();

  private record Entry<E>(byte[] key, @Nullable E row, int bytes, long change) {}

  /** A row as it was read. */
  @FunctionalInterface
  public interface Source {
    /** The stored row; null if there is none. */
    byte @Nullable [] read(byte[] key);
  }

  /**
   * The row of {@code key}: kept, or read from {@code source} and decoded; null if none is there.
   */
  public @Nullable E get(byte[] key, Source source, Function<byte[], @Nullable E> decoder) {
    int slot = slot(key);
    long change = changes.get(slot);
    Entry<E> entry = slots.get(slot);
    if (entry != null && entry.change() == change && Arrays.equals(entry.key(), key)) {
      return entry.row();
    }
    byte[] stored = source.read(key);
    E row = stored == null ? null : decoder.apply(stored);
    keep(slot, new Entry<>(key, row, key.length + (stored == null ? 0 : stored.length), change));
    return row;
  }

  /** Says that rows of these keys are not what they were. */
  public void forget(List<byte[]> keys) {
    keys.forEach(this::forget);
  }

  /** Says that the row of this key is not what it was. */
  public void forget(byte[] key) {
    changes.incrementAndGet(slot(key));
  }

  private void keep(int slot, Entry<E> entry) {
    Entry<E> before = slots.getAndSet(slot, entry);
    long all = bytes.addAndGet(entry.bytes() - (before == null ? 0 : before.bytes()));
    if (all > BYTES_MAX) {
      for (int i = 0; i < SLOTS; i++) {
        Entry<E> gone = slots.getAndSet(i, null);
        bytes.addAndGet(gone == null ? 0 : -gone.bytes());
      }
    }
  }

  private static int slot(byte[] key) {
    return Math.floorMod(Arrays.hashCode(key), SLOTS);
  }
}
