package garage.http.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The bytes a connection has received and nobody has taken: the beginning of a head, or what the
 * client sent ahead of a response. Counted over all connections, in the size of their buffers.
 */
final class HeldBytes {
  /** A buffer this much larger than what it holds is exchanged for a smaller one. */
  private static final int SLACK_BYTES = 1024;

  private final ByteBufAllocator allocator;
  private final ReceiveBudget budget;
  private @Nullable ByteBuf bytes;
  private int counted;

  HeldBytes(ByteBufAllocator allocator, ReceiveBudget budget) {
    this.allocator = allocator;
    this.budget = budget;
  }

  boolean isEmpty() {
    return bytes == null;
  }

  @Nullable ByteBuf get() {
    return bytes;
  }

  /** Hands the bytes over; none are held then. */
  @Nullable ByteBuf take() {
    ByteBuf taken = bytes;
    hold(null);
    return taken;
  }

  /** Adds bytes behind those held, taking over the reference. */
  void add(ByteBuf in) {
    ByteBuf before = bytes;
    if (before == null) {
      hold(in);
      return;
    }
    if (before.refCnt() > 1 || before.writableBytes() < in.readableBytes()) {
      before = move(2 * (before.readableBytes() + in.readableBytes()));
    }
    before.writeBytes(in);
    in.release();
  }

  /** Called when more must be awaited: holds no larger buffer than is of use. */
  void compact() {
    ByteBuf present = bytes;
    if (present != null && present.capacity() - present.readableBytes() > SLACK_BYTES) {
      move(present.readableBytes() + SLACK_BYTES / 2);
    }
  }

  /** Lets go of a buffer that was read to its end. */
  void releaseIfRead() {
    if (bytes != null && !bytes.isReadable()) {
      release();
    }
  }

  void release() {
    ByteBuf rest = take();
    if (rest != null) {
      rest.release();
    }
  }

  private ByteBuf move(int capacity) {
    ByteBuf moved = allocator.buffer(capacity);
    ByteBuf old = bytes;
    if (old != null) {
      moved.writeBytes(old);
      old.release();
    }
    hold(moved);
    return moved;
  }

  private void hold(@Nullable ByteBuf next) {
    bytes = next;
    int size = next == null ? 0 : next.capacity();
    budget.take(size - counted);
    counted = size;
  }
}
