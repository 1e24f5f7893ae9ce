package garage.db.memory;

import garage.db.KeyRange;
import garage.db.Scan;
import org.jspecify.annotations.Nullable;

/** A scan of one immutable version of a tree. */
final class MemoryScan implements Scan {
  private final MemoryStore store;
  private final Rows rows;
  private final KeyRange range;
  private byte @Nullable [] position;
  private boolean inclusive;
  private boolean closed;

  MemoryScan(MemoryStore store, Rows rows, KeyRange range) {
    this.store = store;
    this.rows = rows;
    this.range = range;
    seekToBegin();
  }

  @Override
  public @Nullable Row next() {
    checkUsable();
    Rows.Node node =
        range.descending() ? rows.before(position, inclusive) : rows.after(position, inclusive);
    if (node == null || !range.contains(node.key())) {
      return null;
    }
    position = node.key();
    inclusive = false;
    return new Row(node.key().clone(), node.value().clone());
  }

  @Override
  public void seek(byte[] key) {
    checkUsable();
    if (range.isBeforeBegin(key)) {
      seekToBegin();
    } else {
      position = key.clone();
      inclusive = true;
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private void seekToBegin() {
    position = range.descending() ? range.to() : range.from();
    inclusive = !range.descending();
  }

  private void checkUsable() {
    store.checkOpen();
    if (closed) {
      throw new IllegalStateException("the scan is closed");
    }
  }
}
