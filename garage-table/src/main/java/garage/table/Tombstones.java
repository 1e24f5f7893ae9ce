package garage.table;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The deleted rows of one table on this node that wait to be collected, in the order of keys. */
final class Tombstones {
  /** The tree of the waiting tombstones of all tables: table, row key; since when. */
  static final String TREE = "table_tombstone";

  private final Store store;
  private final Tree tree;
  private final byte[] table;

  /** A row, and when it was deleted here, in milliseconds since the Unix epoch. */
  record Waiting(byte[] rowKey, long since) {}

  Tombstones(Store store, String table) {
    this.store = store;
    this.tree = store.tree(TREE);
    this.table = new Writer().raw(table.getBytes(StandardCharsets.UTF_8)).u8(0).toBytes();
  }

  void add(Batch batch, byte[] rowKey, long nowMillis) {
    batch.put(tree, treeKey(rowKey), new Writer(Long.BYTES).i64(nowMillis).toBytes());
  }

  void remove(Batch batch, byte[] rowKey) {
    batch.delete(tree, treeKey(rowKey));
  }

  /** Up to {@code max} of them, from {@code from} on. */
  List<Waiting> page(byte[] from, int max) {
    List<Waiting> found = new ArrayList<>();
    try (Scan scan = store.scan(tree, KeyRange.of(treeKey(from), KeyRange.successor(table)))) {
      Scan.Row row = scan.next();
      while (row != null && found.size() < max) {
        byte[] rowKey = Arrays.copyOfRange(row.key(), table.length, row.key().length);
        found.add(new Waiting(rowKey, new Reader(row.value()).i64()));
        row = scan.next();
      }
    }
    return found;
  }

  private byte[] treeKey(byte[] rowKey) {
    return new Writer(table.length + rowKey.length).raw(table).raw(rowKey).toBytes();
  }
}
