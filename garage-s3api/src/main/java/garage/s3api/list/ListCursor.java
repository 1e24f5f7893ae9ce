package garage.s3api.list;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one page of a listing. Keys that share what comes before the first delimiter after the
 * prefix become one entry; once it is made, the source is entered anew behind the last of them, so
 * a page costs as many reads as it has entries at most, however many keys the prefixes hide. One
 * entry more than fits is looked for, to tell a full page from the last one.
 *
 * <p>A cursor makes one page and is then spent; it is not shared between tasks.
 */
public final class ListCursor<T> {
  /** Items read at once where most of a batch turned out to be under one common prefix. */
  private static final int BATCH_MIN = 16;

  private final ListQuery query;
  private final KeySource<T> source;
  private final List<T> items = new ArrayList<>();
  private final List<String> commonPrefixes = new ArrayList<>();
  private final @Nullable String until;
  private @Nullable Position position;
  private @Nullable String hidden;
  private ListStart last;
  private int batch;

  private ListCursor(ListQuery query, KeySource<T> source) {
    this.query = query;
    this.source = source;
    this.until = KeyOrder.afterPrefix(query.prefix());
    this.last = query.start();
    this.batch = query.entriesMax() + 1;
    this.position = later(query.start().position(), query.prefix());
  }

  /** The page {@code query} asks for. */
  public static <T> ListPage<T> page(ListQuery query, KeySource<T> source) {
    return new ListCursor<>(query, source).run();
  }

  private ListPage<T> run() {
    if (query.entriesMax() == 0) {
      return new ListPage<>(items, commonPrefixes, null);
    }
    while (position != null && beforeEnd(position)) {
      KeySource.Batch<T> read = source.read(position, until, batch);
      position = read.next();
      for (T item : read.items()) {
        if (!take(item)) {
          return new ListPage<>(items, commonPrefixes, last);
        }
      }
      skipHidden(read);
    }
    return new ListPage<>(items, commonPrefixes, null);
  }

  private boolean beforeEnd(Position at) {
    return until == null || KeyOrder.INSTANCE.compare(at.key(), until) < 0;
  }

  /** Adds the entry of {@code item}; false if there is no room for it. */
  private boolean take(T item) {
    Position at = source.positionOf(item);
    String key = at.key();
    if (hidden != null && key.startsWith(hidden)) {
      return true;
    }
    if (items.size() + commonPrefixes.size() == query.entriesMax()) {
      return false;
    }
    String common = commonPrefix(key);
    if (common == null) {
      items.add(item);
      last = at.sub().isEmpty() ? new ListStart.AfterKey(key) : after(at);
    } else {
      commonPrefixes.add(common);
      last = new ListStart.AfterPrefix(common);
    }
    hidden = common;
    return true;
  }

  /** If the batch ended inside a common prefix, continues behind that. */
  private void skipHidden(KeySource.Batch<T> read) {
    if (hidden == null || position == null || !position.key().startsWith(hidden)) {
      batch = Math.min(ListQuery.ENTRIES_MAX + 1, batch * 2);
      return;
    }
    position = new ListStart.AfterPrefix(hidden).position();
    batch = Math.max(BATCH_MIN, Math.min(batch, read.items().size()) / 4);
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
