package garage.s3api.list;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Items in the order of their (key, sub), which can be entered anywhere at the same cost. */
public interface KeySource<T> {
  /**
   * Items from {@code from} on, about {@code limit} of them, with keys below {@code until} (null:
   * no end). An empty batch that goes on is allowed.
   */
  Batch<T> read(Position from, @Nullable String until, int limit);

  /** The position of an item. */
  Position positionOf(T item);

  /** Consecutive items, and where the next batch begins; null if there is none. */
  record Batch<T>(List<T> items, @Nullable Position next) {
    public Batch {
      items = List.copyOf(items);
    }
  }
}
