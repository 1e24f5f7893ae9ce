package garage.rpc.wire;

import garage.common.check.Invariant;
import garage.rpc.Rpc;
import java.nio.ByteBuffer;

/** A request or an answer as bytes: the encoded value, and the attachment that follows it. */
public record Message(ByteBuffer value, ByteBuffer attachment) {
  /** Takes the bytes between each buffer's position and limit, which must not change any more. */
  public Message {
    value = value.slice();
    attachment = attachment.slice();
    long total = (long) value.remaining() + attachment.remaining();
    Invariant.check(total <= Rpc.MESSAGE_BYTES_MAX, "a message has a bounded size", total);
  }

  /** Length in bytes of both parts. */
  int length() {
    return value.remaining() + attachment.remaining();
  }

  /** Whether it needs no credit. */
  boolean isSingleChunk() {
    return length() <= WireLimits.CHUNK_BYTES;
  }

  /** The parts of the bytes from {@code from} to {@code to}, not copied, after {@code header}. */
  ByteBuffer[] chunk(ByteBuffer header, int from, int to) {
    int cut = value.remaining();
    ByteBuffer first = value.slice(Math.min(from, cut), Math.max(0, Math.min(to, cut) - from));
    int start = Math.max(0, from - cut);
    ByteBuffer second = attachment.slice(start, Math.max(0, to - cut - start));
    return new ByteBuffer[] {header, first, second};
  }
}
