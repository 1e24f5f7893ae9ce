package garage.testkit.env;

import java.util.ArrayList;
import java.util.List;

/**
 * The content of one simulated file, twice: as the page cache shows it, and as it is on the
 * platter. Between them lie the changes since the last sync, of which a loss of power keeps any
 * subset: they are written back in no order, and a write of several sectors is not atomic.
 *
 * @see <a href="https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai">
 *     Pillai et al.: All file systems are not created equal (OSDI 2014)</a>
 */
final class FileBytes {
  /** What a disk writes atomically. */
  static final int SECTOR_BYTES = 512;

  private GrowingBytes cached = new GrowingBytes();
  private final GrowingBytes durable = new GrowingBytes();
  private final List<Change> pending = new ArrayList<>();
  private boolean unreadable;

  /** What was done since the last sync. */
  private sealed interface Change {
    record Write(int position, byte[] bytes) implements Change {}

    record Truncate() implements Change {}
  }

  int size() {
    return cached.size();
  }

  boolean isUnreadable() {
    return unreadable;
  }

  void makeUnreadable() {
    unreadable = true;
  }

  /** The bytes from {@code position}; fewer than {@code length} at the end of the file. */
  byte[] read(long position, int length) {
    return cached.read(position, length);
  }

  void write(int position, byte[] bytes) {
    pending.add(new Change.Write(position, bytes));
    cached.write(position, bytes, 0, bytes.length);
    unreadable = false;
  }

  void truncate() {
    pending.add(new Change.Truncate());
    cached.clear();
    unreadable = false;
  }

  void sync() {
    pending.forEach(this::makeDurable);
    pending.clear();
  }

  /**
   * A sync that failed: some changes reached the platter and the others never will, though the
   * cache still shows them, and a later sync succeeds.
   *
   * @see <a href="https://www.usenix.org/conference/atc20/presentation/rebello">Rebello et al.: Can
   *     applications recover from fsync failures? (ATC 2020)</a>
   */
  void failSync(SeededRandom random) {
    keepSome(random);
  }

  void powerOff(SeededRandom random) {
    keepSome(random);
    cached = durable.copy();
  }

  /** Flips one bit for good. */
  void rot(int position, int bit) {
    cached.flip(position, bit);
    durable.flip(position, bit);
  }

  /** Takes another file's content for good: its write went here. */
  void takeFrom(FileBytes other) {
    cached = other.cached.copy();
    durable.clear();
    byte[] bytes = cached.read(0, cached.size());
    durable.write(0, bytes, 0, bytes.length);
    pending.clear();
  }

  private void keepSome(SeededRandom random) {
    double keep = random.nextInt(3) / 2.0; // none, half or all
    for (Change change : pending) {
      if (random.chance(keep)) {
        makeDurable(change);
      } else if (change instanceof Change.Write(int position, byte[] bytes)
          && keep > 0
          && random.chance(0.5)) {
        tear(position, bytes, random);
      }
    }
    pending.clear();
  }

  private void makeDurable(Change change) {
    switch (change) {
      case Change.Write(int position, byte[] bytes) ->
          durable.write(position, bytes, 0, bytes.length);
      case Change.Truncate() -> durable.clear();
    }
  }

  private void tear(int position, byte[] bytes, SeededRandom random) {
    int from = 0;
    while (from < bytes.length) {
      int toBoundary = SECTOR_BYTES - (position + from) % SECTOR_BYTES;
      int to = Math.min(bytes.length, from + toBoundary);
      if (random.chance(0.5)) {
        durable.write(position + from, bytes, from, to);
      }
      from = to;
    }
  }
}
