package garage.block;

import garage.db.TreeOptions;
import java.util.Map;

/** The trees of the metadata store that blocks need. */
public final class BlockTrees {
  /** {@code hash dataId} -> {@link ReferenceState}: one row a reference. */
  static final String REFERENCES = "block_ref";

  /** {@code hash} -> counter: the number of references that need the block. */
  static final String COUNTS = "block_rc";

  /** {@code hash} -> when the block may go, at the earliest: set when a reference goes. */
  static final String DUE = "block_due";

  /** {@code time hash} -> empty: what the collector is to look at, and when. */
  static final String QUEUE = "block_gc";

  /** {@code byte byte} -> counter: {@link ReferenceSums}, by the hash's first two bytes. */
  static final String SUMS = "block_ref_sum";

  /** {@code time hash dataId} -> empty: released references, since when. */
  static final String TOMBSTONES = "block_ref_released";

  /** {@code hash} -> {@link WantedBlock}. */
  static final String WANTED = "block_wanted";

  /** {@code byte} -> counter: how many blocks of a partition are wanted. */
  static final String WANTED_COUNTS = "block_wanted_count";

  /** {@code time hash} -> empty: when wanted blocks are looked at. */
  static final String RESYNC = "block_resync";

  /** {@code byte} -> the last layout in which this node held a partition without a break. */
  static final String TENURE = "block_tenure";

  /** A few rows of state of this node. */
  static final String STATE = "block_state";

  private static final int SMALL_BYTES = 8;
  private static final int WANTED_BYTES = 64;

  private BlockTrees() {}

  /** Their names, with what the store should know of them. */
  public static Map<String, TreeOptions> all() {
    TreeOptions small = TreeOptions.rows().withValueBytes(SMALL_BYTES);
    TreeOptions queue = TreeOptions.scanned().withValueBytes(0);
    return Map.ofEntries(
        Map.entry(REFERENCES, small),
        Map.entry(COUNTS, small),
        Map.entry(DUE, small),
        Map.entry(QUEUE, queue),
        Map.entry(SUMS, small),
        Map.entry(TOMBSTONES, queue),
        Map.entry(WANTED, TreeOptions.rows().withValueBytes(WANTED_BYTES)),
        Map.entry(WANTED_COUNTS, small),
        Map.entry(RESYNC, queue),
        Map.entry(TENURE, small),
        Map.entry(STATE, small));
  }
}
