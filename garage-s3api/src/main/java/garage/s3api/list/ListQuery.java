package garage.s3api.list;

import garage.common.check.Invariant;

/** What to list; an empty delimiter means none. */
public record ListQuery(String prefix, String delimiter, ListStart start, int entriesMax) {
  /** AWS's limit on the entries of a page. */
  public static final int ENTRIES_MAX = 1000;

  public ListQuery {
    Invariant.check(entriesMax >= 0 && entriesMax <= ENTRIES_MAX, "a page is bounded", entriesMax);
  }
}
