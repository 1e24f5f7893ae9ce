package garage.rpc;

import java.nio.ByteBuffer;

/**
 * A request or an answer: a value, and bytes that go beside it without being copied through its
 * codec. Together at most {@link Rpc#MESSAGE_BYTES_MAX}.
 *
 * @param attachment read-only by convention; empty if there is none
 */
public record Payload<T>(T value, ByteBuffer attachment) {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /** A value alone. */
  public static <T> Payload<T> of(T value) {
    return new Payload<>(value, NOTHING);
  }
}
