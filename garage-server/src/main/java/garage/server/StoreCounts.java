package garage.server;

import garage.admin.MetadataCounts;
import garage.db.Store;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts the rows of a store. */
record StoreCounts(Store store) implements MetadataCounts {
  @Override
  public SortedMap<String, Long> rows() {
    SortedMap<String, Long> rows = new TreeMap<>();
    store.trees().forEach(name -> rows.put(name, store.approximateCount(store.tree(name))));
    return rows;
  }

  @Override
  public long batches() {
    return store.statistics().batches();
  }

  @Override
  public long syncs() {
    return store.statistics().syncs();
  }
}
