package garage.block.disk;

import java.nio.ByteBuffer;

/**
 * Where the bytes of a block go. The sink chooses the memory, so that a front end can have them
 * read straight into what it sends from. Used by one task.
 */
public interface BlockSink {
  /**
   * An empty buffer with room for at least {@code bytes} from its position on, heap or direct. The
   * next call for it is {@link #accept} with the same buffer, unless reading fails.
   */
  default ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes);
  }

  /**
   * Takes the next bytes, verified, between the buffer's position and limit: it is the one {@link
   * #buffer} answered, and the sink's own from now on.
   */
  void accept(ByteBuffer bytes);
}
