package garage.http.netty;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.http.BodyStream;
import garage.http.RequestFailure;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way from the event loop to the request's task.
 *
 * <p>Nothing is received before the handler first reads; then up to {@link #AHEAD_BUFFERS} buffers
 * ahead of it, or none while the server as a whole holds enough. So a handler that does not read
 * stops its client by TCP's own flow control.
 *
 * <p>The least rate is enforced here, over the time the handler spends waiting: a slow handler is
 * no fault of the client's, and a client that sends a byte now and then cannot hold a task.
 */
final class BodyPipe extends BodyStream {
  /** Buffers received ahead: one being filled while another is read. */
  static final int AHEAD_BUFFERS = 2;

  /** What the pipe needs of its server. */
  record Context(Clock clock, ReceiveBudget budget, long windowNanos, long bytesPerWindowMin) {}

  private final Context context;
  private final long length;
  private final Runnable askForBytes;
  private final Gate gate;

  // Under the gate.
  private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
  private long received;
  private boolean asked;
  private boolean ended;
  private boolean closed;
  private @Nullable RequestFailure failure;

  // Of the request's task alone.
  private @Nullable ByteBuf current;
  private long waitedNanos;
  private long windowBytes;

  /**
   * {@code length} is -1 if unknown; {@code askForBytes} makes the event loop receive, and may be
   * called from any thread.
   */
  BodyPipe(Context context, long length, Runnable askForBytes) {
    this.context = context;
    this.length = length;
    this.askForBytes = askForBytes;
    this.gate = new Gate(context.clock());
  }

  /** Adds content, taking over the reference. */
  void offer(ByteBuf bytes) {
    gate.lock();
    try {
      received += bytes.readableBytes();
      if (!closed) {
        context.budget().take(bytes.capacity());
        queue.add(bytes);
        gate.signal();
        return;
      }
    } finally {
      gate.unlock();
    }
    bytes.release();
  }

  /** The body is whole. */
  void end() {
    gate.update(() -> ended = true);
  }

  /** The rest will not come. */
  void fail(RequestFailure cause) {
    gate.update(() -> failure = failure == null ? cause : failure);
  }

  /** Whether what the client has yet to send is whole or at most {@code bytesMax}. */
  boolean endsWithin(long bytesMax) {
    return gate.locked(
        () -> ended || (failure == null && length >= 0 && length - received <= bytesMax));
  }

  /** After a receive: whether to receive again; if not, the handler will ask. */
  boolean wantsMore() {
    gate.lock();
    try {
      asked =
          !ended
              && !closed
              && failure == null
              && (queue.isEmpty()
                  || (queue.size() < AHEAD_BUFFERS && context.budget().allowsReadAhead()));
      return asked;
    } finally {
      gate.unlock();
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    ByteBuf from = current == null ? next() : current;
    if (from == null) {
      return -1;
    }
    int n = Math.min(length, from.readableBytes());
    from.readBytes(bytes, offset, n);
    windowBytes += n;
    current = from;
    if (!from.isReadable()) {
      current = null;
      release(from);
    }
    return n;
  }

  /** Gives up what is left; called by the request's task when it ends. */
  @Override
  public void close() {
    gate.lock();
    try {
      closed = true;
      queue.forEach(this::release);
      queue.clear();
    } finally {
      gate.unlock();
    }
    ByteBuf rest = current;
    current = null;
    if (rest != null) {
      release(rest);
    }
  }

  private @Nullable ByteBuf next() {
    boolean ask = false;
    gate.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the request has ended");
      }
      if (queue.isEmpty() && !isSettled()) {
        askIfNeeded();
        awaitBytes();
      }
      ByteBuf next = queue.poll();
      if (next == null && failure != null) {
        throw failure;
      }
      ask = next != null && !isSettled() && !asked && context.budget().allowsReadAhead();
      asked |= ask;
      return next;
    } finally {
      gate.unlock();
      if (ask) {
        askForBytes.run();
      }
    }
  }

  private void askIfNeeded() {
    if (!asked) {
      asked = true;
      askForBytes.run();
    }
  }

  private boolean isSettled() {
    return ended || failure != null;
  }

  private void awaitBytes() {
    while (queue.isEmpty() && !isSettled()) {
      long start = context.clock().nanos();
      long left = context.windowNanos() - waitedNanos;
      gate.await(() -> !queue.isEmpty() || isSettled(), new Deadline(start + left));
      waitedNanos += context.clock().nanos() - start;
      if (waitedNanos >= context.windowNanos()) {
        if (windowBytes < context.bytesPerWindowMin() && queue.isEmpty() && !isSettled()) {
          failure = new RequestFailure.TooSlow("the body arrives too slowly");
          throw failure;
        }
        waitedNanos = 0;
        windowBytes = 0;
      }
    }
  }

  private void release(ByteBuf bytes) {
    context.budget().give(bytes.capacity());
    bytes.release();
  }
}
