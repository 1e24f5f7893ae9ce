package garage.block;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import java.security.MessageDigest;

/**
 * Sums over reference rows, by which replicas find where they differ. Each partition has {@value
 * #BUCKETS} buckets, by the second byte of the hash; a bucket's sum adds 64 bits of the SHA-256 of
 * every row in it. Adding is commutative, so the batch that changes a row also changes the sum,
 * without reading it, and the sums of equal rows are equal whatever way they came about.
 */
final class ReferenceSums {
  static final int BUCKETS = 256;

  /** Of which the multiples are spread over all numbers: 2^64 through the golden ratio. */
  private static final long ODD = 0x9e3779b97f4a7c15L;

  private final Store store;
  private final Tree tree;

  ReferenceSums(Store store) {
    this.store = store;
    this.tree = store.tree(BlockTrees.SUMS);
  }

  /** Adds what a change of a row means for its bucket. */
  void apply(Batch batch, BlockReference reference, ReferenceChange change) {
    long delta = value(reference, change.after()) - value(reference, change.before());
    batch.add(tree, bucket(reference.hash()), delta);
  }

  /** The sums of a partition's buckets. */
  long[] of(Partition partition) {
    long[] sums = new long[BUCKETS];
    byte[] prefix = {(byte) partition.number()};
    try (Scan scan = store.scan(tree, KeyRange.prefix(prefix))) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        sums[new Reader(row.key()).raw(2)[1] & 0xff] = Batch.counter(row.value());
      }
    }
    return sums;
  }

  /**
   * All sums of a partition in one number of 64 bits, as good as they are: equal for equal rows.
   */
  long root(Partition partition) {
    long root = 0;
    for (long sum : of(partition)) {
      root = (root ^ sum) * ODD;
      root ^= root >>> 32;
    }
    return root;
  }

  /** The sum of one bucket. */
  long of(Partition partition, int bucket) {
    return Batch.counter(store.get(tree, new byte[] {(byte) partition.number(), (byte) bucket}));
  }

  /** Puts a sum right that was found to be off by {@code delta}. */
  void correct(Batch batch, Partition partition, int bucket, long delta) {
    batch.add(tree, new byte[] {(byte) partition.number(), (byte) bucket}, delta);
  }

  private static byte[] bucket(Hash hash) {
    byte[] bytes = hash.toBytes();
    return new byte[] {bytes[0], bytes[1]};
  }

  /** What one row adds. */
  static long value(BlockReference reference, ReferenceState state) {
    if (state == ReferenceState.ABSENT) {
      return 0;
    }
    MessageDigest digest = Digests.sha256();
    digest.update(reference.key());
    digest.update(state.code());
    return new Reader(digest.digest()).i64();
  }

  /** The sums as bytes, to be sent. */
  static byte[] encode(long[] sums) {
    Writer out = new Writer(Long.BYTES * sums.length);
    for (long sum : sums) {
      out.i64(sum);
    }
    return out.toBytes();
  }

  static long[] decode(byte[] bytes) {
    Reader in = new Reader(bytes);
    long[] sums = new long[BUCKETS];
    for (int i = 0; i < BUCKETS; i++) {
      sums[i] = in.i64();
    }
    in.end();
    return sums;
  }
}
