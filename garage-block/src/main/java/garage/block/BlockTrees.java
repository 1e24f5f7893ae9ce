package garage.block;

import garage.db.TreeOptions;
import java.util.Map;

/** The trees of the metadata store that blocks need. */
public final class BlockTrees {
  /** {@code hash dataId} -> empty: one row a reference. */
  static final String REFERENCES = "block_ref";

  /** {@code hash} -> counter: the number of reference rows of the hash. */
  static final String COUNTS = "block_rc";

  /** {@code hash} -> when the block may go, at the earliest: set when a reference goes. */
  static final String DUE = "block_due";

  /** {@code time hash} -> empty: what the collector is to look at, and when. */
  static final String QUEUE = "block_gc";

  /** A few rows of state of this node. */
  static final String STATE = "block_state";

  private static final int SMALL_BYTES = 8;

  private BlockTrees() {}

  /** Their names, with what the store should know of them. */
  public static Map<String, TreeOptions> all() {
    TreeOptions small = TreeOptions.rows().withValueBytes(SMALL_BYTES);
    return Map.of(
        REFERENCES, small,
        COUNTS, small,
        DUE, small,
        QUEUE, TreeOptions.scanned().withValueBytes(0),
        STATE, small);
  }
}
