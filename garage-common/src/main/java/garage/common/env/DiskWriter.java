package garage.common.env;

import java.nio.ByteBuffer;

/**
 * A new file written from its beginning to its end, whose head is known last. That is all a file
 * needs that is never changed, and lets a disk gather the bytes into few large writes. For one
 * task; until {@link #finish} the file may hold anything.
 */
public interface DiskWriter extends AutoCloseable {
  /** The longest head: one page. */
  int HEAD_BYTES_MAX = 4096;

  /** Adds all of {@code source} behind what was added before; the first bytes follow the head. */
  void append(ByteBuffer source);

  /**
   * Puts the head at the beginning and completes the file, durably if that was asked for.
   *
   * @param head exactly as long as was said
   */
  void finish(ByteBuffer head);

  /** Closes the file, complete or not. */
  @Override
  void close();
}
