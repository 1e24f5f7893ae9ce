package garage.rpc.wire;

import garage.common.check.Invariant;
import garage.common.error.GarageException;
import garage.rpc.Rpc;
import java.nio.ByteBuffer;

/** A message on its way in, chunk by chunk. A message of one chunk is not copied. */
final class Assembly {
  private final int valueBytes;
  private final int attachmentBytes;
  private ByteBuffer bytes;
  private int received;

  /** The first chunk and the sizes announced with it; the caller has checked the credit. */
  Assembly(int valueBytes, int attachmentBytes, ByteBuffer chunk) {
    this.valueBytes = valueBytes;
    this.attachmentBytes = attachmentBytes;
    int length = length(valueBytes, attachmentBytes);
    if (length <= WireLimits.CHUNK_BYTES) {
      expect(chunk, length);
      bytes = chunk;
      received = length;
    } else {
      bytes = ByteBuffer.allocate(length);
      add(chunk);
    }
  }

  /**
   * The bytes of both parts.
   *
   * @throws GarageException.Corrupt if no message is that long
   */
  static int length(int valueBytes, int attachmentBytes) {
    long length = (long) valueBytes + attachmentBytes;
    if (length > Rpc.MESSAGE_BYTES_MAX) {
      throw new GarageException.Corrupt("a message of " + length + " bytes");
    }
    return (int) length;
  }

  /** Appends a chunk. */
  void add(ByteBuffer chunk) {
    int left = bytes.limit() - received;
    if (left == 0) {
      throw new GarageException.Corrupt("bytes after the end of a message");
    }
    expect(chunk, Math.min(left, WireLimits.CHUNK_BYTES));
    bytes.put(received, chunk, chunk.position(), chunk.remaining());
    received += chunk.remaining();
  }

  boolean isComplete() {
    return received == bytes.limit();
  }

  Message message() {
    Invariant.check(isComplete(), "a message is read when it is there");
    return new Message(bytes.slice(0, valueBytes), bytes.slice(valueBytes, attachmentBytes));
  }

  private static void expect(ByteBuffer chunk, int length) {
    if (chunk.remaining() != length) {
      throw new GarageException.Corrupt(
          "a chunk of " + chunk.remaining() + " bytes in place of " + length);
    }
  }
}
