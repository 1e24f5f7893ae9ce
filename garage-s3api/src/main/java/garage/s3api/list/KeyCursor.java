package garage.s3api.list;

import org.jspecify.annotations.Nullable;

/** Items in the order of their (key, sub), which can be entered further on at small cost. */
public interface KeyCursor<T> {
  /** The next item; null at the end. */
  @Nullable T next();

  /** Goes on at the first item at or after {@code position}, which is not before the last one. */
  void seek(Position position);

  /** The position of an item. */
  Position positionOf(T item);
}
