package garage.http;

import java.nio.ByteBuffer;

/**
 * Takes a response body's bytes. Each call copies what it is given and blocks while the client
 * reads too slowly to keep the bounded buffer from filling.
 *
 * <p>A call throws {@link garage.common.error.GarageException.Cancelled} once the client is gone,
 * or cut off because it read too slowly.
 */
public interface BodySink {
  /** Sends bytes. */
  void write(byte[] bytes, int offset, int length);

  /** Sends the buffer's remaining bytes and consumes them. */
  void write(ByteBuffer bytes);

  /** Sends at once what was gathered; only for a body whose reader waits for each piece. */
  void flush();
}
