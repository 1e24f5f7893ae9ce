package garage.common.env;

import garage.common.id.NodeId;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One authenticated connection; sending and receiving may go on in two tasks at once. */
public interface Connection extends AutoCloseable {
  /** The largest frame, in bytes. */
  int FRAME_BYTES_MAX = 64 * 1024;

  /** The identity this end proved, or null if it connected without one, as a command line does. */
  @Nullable NodeId localId();

  /** The identity the other end proved, or null if it connected without one. */
  @Nullable NodeId remoteId();

  /** Where the other end is. */
  Address remoteAddress();

  /**
   * Sends one frame made of {@code parts}, which are consumed before this returns; blocks while the
   * bounded outgoing buffer is full.
   *
   * @throws garage.common.error.GarageException.Unreachable if the connection is closed
   * @throws garage.common.error.GarageException.Cancelled if the task is cancelled meanwhile
   */
  void send(ByteBuffer... parts);

  /**
   * Takes the next frame, blocking until there is one; null once the connection has ended.
   *
   * @throws garage.common.error.GarageException.Cancelled if the task is cancelled meanwhile
   */
  @Nullable ByteBuffer receive();

  /** Ends the connection in both directions; what was sent but not delivered may be lost. */
  @Override
  void close();
}
