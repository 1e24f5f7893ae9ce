package garage.db;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes to commit together, applied in order; used by one task and committed once. The arrays
 * given to it belong to it from then on.
 */
public final class Batch {
  private final List<Change> changes = new ArrayList<>();

  /** Sets the value of {@code key}. */
  public Batch put(Tree tree, byte[] key, byte[] value) {
    changes.add(new Change.Put(tree, key, value));
    return this;
  }

  /** Removes {@code key}; nothing happens if it is not there. */
  public Batch delete(Tree tree, byte[] key) {
    changes.add(new Change.Delete(tree, key));
    return this;
  }

  /**
   * Adds {@code delta} to the counter at {@code key}, absent being zero: eight bytes, little-endian
   * two's complement, as {@link #counter} reads. Unlike reading and putting, concurrent batches
   * need no lock for it.
   */
  public Batch add(Tree tree, byte[] key, long delta) {
    changes.add(new Change.Add(tree, key, delta));
    return this;
  }

  /** The value of a counter read from the store; zero if it is not there. */
  public static long counter(byte @Nullable [] value) {
    return value == null ? 0 : ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** Appends another batch's changes. */
  public Batch addAll(Batch other) {
    changes.addAll(other.changes);
    return this;
  }

  /** The changes so far, in order. */
  public List<Change> changes() {
    return List.copyOf(changes);
  }

  /** Whether nothing was added. */
  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /** One change. */
  public sealed interface Change {
    /** The tree it changes. */
    Tree tree();

    /** The key it changes. */
    byte[] key();

    /** Roughly what it adds to the store's log, in bytes. */
    default long bytes() {
      return switch (this) {
        case Put put -> OVERHEAD_BYTES + put.key.length + put.value.length;
        case Delete delete -> OVERHEAD_BYTES + delete.key.length;
        case Add add -> OVERHEAD_BYTES + add.key.length + Long.BYTES;
      };
    }

    /** What any change costs beside its key and value. */
    long OVERHEAD_BYTES = 16;

    /** Sets a value. */
    record Put(Tree tree, byte[] key, byte[] value) implements Change {}

    /** Removes a value. */
    record Delete(Tree tree, byte[] key) implements Change {}

    /** Adds to a counter. */
    record Add(Tree tree, byte[] key, long delta) implements Change {}
  }
}
