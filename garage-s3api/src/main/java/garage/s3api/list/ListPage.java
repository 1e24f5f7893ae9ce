package garage.s3api.list;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page: items and common prefixes, each in order, and where the next page begins; null at the
 * end.
 */
public record ListPage<T>(List<T> items, List<String> commonPrefixes, @Nullable ListStart next) {
  public ListPage {
    items = List.copyOf(items);
    commonPrefixes = List.copyOf(commonPrefixes);
  }

  /** Whether there is more. */
  public boolean truncated() {
    return next != null;
  }
}
