package garage.s3api.list;

import garage.common.check.Invariant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one page of a listing. Keys that share what comes before the first delimiter after the
 * prefix become one entry; once it is made, the cursor goes on behind the last of them, so a page
 * costs a seek or a row for each entry, however many keys the prefixes hide. One entry more than
 * fits is looked for, to tell a full page from the last one.
 */
public final class Lister<T> {
  private final ListQuery query;
  private final KeyCursor<T> cursor;
  private final List<T> items = new ArrayList<>();
  private final List<String> commonPrefixes = new ArrayList<>();
  private ListStart last;

  private Lister(ListQuery query, KeyCursor<T> cursor) {
    this.query = query;
    this.cursor = cursor;
    this.last = query.start();
  }

  /** The page {@code query} asks for, from a cursor that has not been used. */
  public static <T> ListPage<T> page(ListQuery query, KeyCursor<T> cursor) {
    return new Lister<>(query, cursor).run();
  }

  private ListPage<T> run() {
    Position start = later(query.start().position(), query.prefix());
    if (query.entriesMax() == 0 || start == null) {
      return page(null);
    }
    cursor.seek(start);
    T item = cursor.next();
    while (item != null && cursor.positionOf(item).key().startsWith(query.prefix())) {
      if (items.size() + commonPrefixes.size() == query.entriesMax()) {
        return page(last);
      }
      if (!take(item)) {
        return page(null);
      }
      item = cursor.next();
    }
    return page(null);
  }

  /** Adds the entry of {@code item}; false if nothing can follow it. */
  private boolean take(T item) {
    Position at = cursor.positionOf(item);
    Invariant.check(
        KeyOrder.INSTANCE.compare(at.key(), query.prefix()) >= 0, "the cursor goes forward", at);
    String common = commonPrefix(at.key());
    if (common == null) {
      items.add(item);
      last = at.sub().isEmpty() ? new ListStart.AfterKey(at.key()) : after(at);
      return true;
    }
    commonPrefixes.add(common);
    last = new ListStart.AfterPrefix(common);
    Position next = last.position();
    if (next != null) {
      cursor.seek(next);
    }
    return next != null;
  }

  private ListPage<T> page(@Nullable ListStart next) {
    return new ListPage<>(items, commonPrefixes, next);
  }

  private @Nullable String commonPrefix(String key) {
    if (query.delimiter().isEmpty()) {
      return null;
    }
    int at = key.indexOf(query.delimiter(), query.prefix().length());
    return at < 0 ? null : key.substring(0, at + query.delimiter().length());
  }

  private static ListStart after(Position at) {
    return new ListStart.AfterItem(at.key(), at.sub());
  }

  private static @Nullable Position later(@Nullable Position start, String prefix) {
    if (start == null || KeyOrder.INSTANCE.compare(start.key(), prefix) >= 0) {
      return start;
    }
    return Position.at(prefix);
  }
}
