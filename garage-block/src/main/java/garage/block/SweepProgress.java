package garage.block;

import garage.block.disk.BlockFiles;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import java.nio.charset.StandardCharsets;

/**
 * How far the sweep over all directories has come. A process that did not stop cleanly begins
 * another round where the last one was, so that one that is killed again and again gets round too.
 */
final class SweepProgress {
  private static final byte[] CLEAN = "clean".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] POSITION = "sweep".getBytes(StandardCharsets.US_ASCII);

  private final Store store;
  private final Tree tree;
  private int next;
  private int remaining;

  private SweepProgress(Store store) {
    this.store = store;
    this.tree = store.tree(BlockTrees.STATE);
  }

  /** Takes up the work, and notes that from now on a stop is not clean. A new store has none. */
  static SweepProgress open(Store store) {
    SweepProgress progress = new SweepProgress(store);
    byte[] position = store.get(progress.tree, POSITION);
    if (position != null) {
      Reader in = new Reader(position);
      progress.next = in.i32();
      progress.remaining = in.i32();
      in.end();
    }
    if (position != null && store.get(progress.tree, CLEAN) == null) {
      progress.remaining = BlockFiles.leaves();
    }
    progress.begin();
    return progress;
  }

  /** Has the next {@link #open} begin a round, durably. */
  static void doubt(Store store) {
    SweepProgress progress = new SweepProgress(store);
    progress.remaining = BlockFiles.leaves();
    progress.begin();
  }

  private void begin() {
    store.commit(save(new Batch().delete(tree, CLEAN)));
    store.commit(new Batch()); // durable, whatever other batches are
  }

  /** The directory to look at next. */
  int next() {
    return next;
  }

  /** How many are to be looked at, from {@link #next} on and around. */
  int remaining() {
    return remaining;
  }

  /** Begins another round. */
  void restart() {
    remaining = BlockFiles.leaves();
    store.commit(save(new Batch()));
  }

  /** Notes that the directory {@link #next} is done. */
  void advance() {
    next = (next + 1) % BlockFiles.leaves();
    remaining--;
    store.commit(save(new Batch()));
  }

  /** Notes that the next start need not begin a round. */
  void closeCleanly() {
    store.commit(save(new Batch().put(tree, CLEAN, new byte[] {1})));
  }

  private Batch save(Batch batch) {
    return batch.put(tree, POSITION, new Writer(8).i32(next).i32(remaining).toBytes());
  }
}
