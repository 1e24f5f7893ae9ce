package garage.table.sync;

import garage.common.check.Invariant;
import garage.common.codec.Writer;
import garage.common.hash.Digests;
import garage.common.id.Bytes32;
import garage.common.id.Hash;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The Merkle tree of one table's rows on this node, one per partition, three levels deep: a leaf
 * for each row, {@value #SLOTS} slots by the hash of the row's key, a root. It is also the only
 * index of rows by partition, since rows themselves lie in the order of their keys.
 *
 * <p>A leaf is put in the batch that changes its row, and the slot's digest is the sum of its
 * leaves', changed in the same batch by adding the difference. So nothing is read to keep the tree,
 * nothing lags behind the rows, and a crash leaves the two as they were together. Sums of 64-bit
 * digests miss a difference once in 2^64 comparisons, and the next change of the slot shows it.
 *
 * <p>Changes of one row must be made under one lock, as replicas make them; those of different rows
 * need none. Merkle trees between replicas: DeCandia et al., Dynamo (2007), section 4.7.
 */
public final class MerkleIndex {
  /** The slots of a partition: 400,000 rows are a hundred a slot, and all sums 32 KiB. */
  public static final int SLOTS = 4096;

  /** The tree of the leaves of all tables: table, partition, slot, row key; the digest. */
  public static final String LEAVES = "merkle_leaf";

  /** The tree of the slots' sums of all tables: table, partition, slot. */
  public static final String SUMS = "merkle_sum";

  /** What there is instead of a row's digest where there is no row. */
  private static final long NOTHING = 0;

  private final Store store;
  private final Tree leaves;
  private final Tree sums;
  private final byte[] table;

  /** A row as the tree sees it. */
  public record Leaf(byte[] rowKey, long digest) {}

  /**
   * Where a walk over the rows of a partition has come.
   *
   * @param slot the slot to go on in
   * @param after the last row seen in it; null to begin with the slot's first
   */
  public record Position(int slot, byte @Nullable [] after) {
    /** Before the first row. */
    public static final Position START = new Position(0, null);
  }

  public MerkleIndex(Store store, String table) {
    this.store = store;
    this.leaves = store.tree(LEAVES);
    this.sums = store.tree(SUMS);
    this.table = table.getBytes(StandardCharsets.UTF_8);
  }

  /** The trees of the store that hold this for all tables; they are only scanned. */
  public static Set<String> trees() {
    return Set.of(LEAVES, SUMS);
  }

  /**
   * Adds to {@code batch} that a row went from one state to another; null is no row. States are
   * equal on two replicas if and only if the rows need no exchange.
   */
  public void change(
      Batch batch,
      Partition partition,
      byte[] rowKey,
      byte @Nullable [] before,
      byte @Nullable [] after) {
    long old = digest(rowKey, before);
    long now = digest(rowKey, after);
    if (old == now) {
      return;
    }
    int slot = slot(rowKey);
    byte[] leaf = leafKey(partition, slot, rowKey);
    if (after == null) {
      batch.delete(leaves, leaf);
    } else {
      batch.put(leaves, leaf, new Writer(Long.BYTES).i64(now).toBytes());
    }
    batch.add(sums, slotKey(partition, slot), now - old);
  }

  /** The digest of a partition: equal on two replicas whose rows are equal. */
  public Hash root(Partition partition) {
    MessageDigest digest = Digests.sha256();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + Long.BYTES);
    byte[] prefix = prefix(partition).toBytes();
    try (Scan scan = store.scan(sums, KeyRange.prefix(prefix))) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        long sum = Batch.counter(row.value());
        if (sum != 0) { // as where there never was a row
          bytes.clear().putInt(slotAt(row.key(), prefix.length)).putLong(sum);
          digest.update(bytes.flip());
        }
      }
    }
    return Hash.of(digest.digest());
  }

  /** The digests of a partition's slots. */
  public long[] sums(Partition partition) {
    long[] all = new long[SLOTS];
    byte[] prefix = prefix(partition).toBytes();
    try (Scan scan = store.scan(sums, KeyRange.prefix(prefix))) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        all[slotAt(row.key(), prefix.length)] = Batch.counter(row.value());
      }
    }
    return all;
  }

  /** Whether the partition has no row here. */
  public boolean isEmpty(Partition partition) {
    return rows(partition, Position.START, 1).isEmpty();
  }

  /** The digest of one row; 0 if there is none. */
  public long digest(Partition partition, byte[] rowKey) {
    byte[] value = store.get(leaves, leafKey(partition, slot(rowKey), rowKey));
    return value == null ? NOTHING : ByteBuffer.wrap(value).getLong();
  }

  /** Up to {@code max} rows of one slot, in the order of their keys. */
  public List<Leaf> leaves(Partition partition, Position from, int max) {
    byte[] slot = slotKey(partition, from.slot());
    return scan(startOf(partition, from), KeyRange.successor(slot), slot.length, max);
  }

  /** Up to {@code max} rows of a partition, slot by slot: to walk over all of them. */
  public List<Leaf> rows(Partition partition, Position from, int max) {
    byte[] prefix = prefix(partition).toBytes();
    return scan(
        startOf(partition, from), KeyRange.successor(prefix), prefix.length + Short.BYTES, max);
  }

  /** The position behind a row. */
  public static Position after(Leaf leaf) {
    return new Position(slot(leaf.rowKey()), leaf.rowKey());
  }

  /** The slot of a row. */
  public static int slot(byte[] rowKey) {
    Bytes32 hash = Digests.sha256(rowKey).value();
    return (int) (hash.first() >>> 40) & (SLOTS - 1); // not the byte that chose the partition
  }

  private List<Leaf> scan(byte[] from, byte @Nullable [] to, int keyAt, int max) {
    List<Leaf> found = new ArrayList<>();
    try (Scan scan = store.scan(leaves, KeyRange.of(from, to))) {
      Scan.Row row = scan.next();
      while (row != null && found.size() < max) {
        byte[] rowKey = Arrays.copyOfRange(row.key(), keyAt, row.key().length);
        found.add(new Leaf(rowKey, ByteBuffer.wrap(row.value()).getLong()));
        row = scan.next();
      }
    }
    return found;
  }

  private byte[] startOf(Partition partition, Position from) {
    byte[] after = from.after();
    return after == null
        ? slotKey(partition, from.slot())
        : new Writer().raw(leafKey(partition, from.slot(), after)).u8(0).toBytes();
  }

  private static long digest(byte[] rowKey, byte @Nullable [] state) {
    if (state == null) {
      return NOTHING;
    }
    MessageDigest digest = Digests.sha256();
    digest.update(new Writer(4).i32(rowKey.length).toBytes());
    digest.update(rowKey);
    return ByteBuffer.wrap(digest.digest(state)).getLong();
  }

  private Writer prefix(Partition partition) {
    return new Writer(table.length + 8).raw(table).u8(0).u8(partition.number());
  }

  private byte[] slotKey(Partition partition, int slot) {
    Invariant.check(slot >= 0 && slot < SLOTS, "a slot of a partition", slot);
    return prefix(partition).u8(slot >>> 8).u8(slot & 0xff).toBytes();
  }

  private byte[] leafKey(Partition partition, int slot, byte[] rowKey) {
    return new Writer(table.length + rowKey.length + 8)
        .raw(slotKey(partition, slot))
        .raw(rowKey)
        .toBytes();
  }

  private static int slotAt(byte[] key, int at) {
    return (key[at] & 0xff) << 8 | (key[at + 1] & 0xff);
  }
}
