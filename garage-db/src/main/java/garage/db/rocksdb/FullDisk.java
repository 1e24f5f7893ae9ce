package garage.db.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Decides when to open the database again after it ran out of space. RocksDB refuses writes from
 * the first failed one on, looks every 5 s whether there are 8 MiB free, and then flushes, starts a
 * new log and accepts writes by itself. It does not do so for an exceeded quota, nor if its flush
 * meets another error, and its Java interface has no way to ask it. So if it is still refusing when
 * space has been back for a while, the database is closed and opened again, which costs open scans;
 * and only if space is really there, since opening needs some too and reads stop if it fails.
 *
 * <p>Used by the writer's thread alone.
 */
final class FullDisk {
  /** How long RocksDB is given to recover by itself, and between two attempts. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  /** What is written to find out whether there is space: the log that opening has to flush. */
  static final long PROBE_BYTES = 64L << 20;

  private static final int CHUNK_BYTES = 1 << 20;

  private final Path probe;
  private boolean full;
  private long since;

  /** {@code directory} is the database's. */
  FullDisk(Path directory) {
    this.probe = directory.resolve("space-probe.tmp");
  }

  /** Notes that a write failed for want of space. */
  void failed(long nanos) {
    if (!full) {
      full = true;
      since = nanos;
    }
  }

  /** Notes that a write succeeded. */
  void succeeded() {
    full = false;
  }

  /** Whether to open the database again before the next write; at most once per patience. */
  boolean isReopeningDue(long nanos) {
    if (!full || nanos - since < PATIENCE.toNanos()) {
      return false;
    }
    since = nanos;
    return hasSpace();
  }

  private boolean hasSpace() {
    try {
      try (FileChannel file =
          FileChannel.open(
              probe,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        for (long written = 0; written < PROBE_BYTES; written += CHUNK_BYTES) {
          chunk.clear();
          while (chunk.hasRemaining()) {
            file.write(chunk);
          }
        }
        file.force(true);
      } finally {
        Files.deleteIfExists(probe);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
