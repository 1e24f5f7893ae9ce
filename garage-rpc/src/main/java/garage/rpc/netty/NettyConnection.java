package garage.rpc.netty;

import garage.common.check.Invariant;
import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.wire.WireLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose TLS handshake is done. Frames that came in wait in a queue; while it is full
 * the channel does not read, so a slow receiver is felt by its peer through TCP. Frames that go out
 * are counted until Netty has written them; while too many bytes are, {@link #send} waits. That
 * bound is small on purpose: what is beyond it can no longer be overtaken by an urgent frame.
 *
 * <p>The event loop takes the gate's lock, which is only ever held for a few instructions.
 */
final class NettyConnection extends SimpleChannelInboundHandler<ByteBuf> implements Connection {
  /** Bytes sent and not yet written, above which a sender waits. */
  private static final int OUTGOING_BYTES_MAX = 128 * 1024;

  /** Bytes received and not yet taken, above which the channel does not read. */
  private static final int INCOMING_BYTES_MAX = 256 * 1024;

  /** How long frames sent before closing may still take. */
  private static final long LINGER_MILLIS = 1000;

  private final Channel channel;
  private final @Nullable NodeId localId;
  private final @Nullable NodeId remoteId;
  private final Address remoteAddress;
  private final Gate gate;
  private final ArrayDeque<ByteBuffer> incoming = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<ByteBuf> outgoing = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean drainPending = new AtomicBoolean();
  private long incomingBytes;
  private long outgoingBytes;
  private volatile boolean paused;
  private boolean ended;
  private boolean closed;

  NettyConnection(
      Channel channel, @Nullable NodeId localId, @Nullable NodeId remoteId, Clock clock) {
    super(ByteBuf.class);
    this.channel = channel;
    this.localId = localId;
    this.remoteId = remoteId;
    this.gate = new Gate(clock);
    this.remoteAddress =
        channel.remoteAddress() instanceof InetSocketAddress inet
            ? new Address(inet.getAddress().getHostAddress(), inet.getPort())
            : new Address("unknown", 0);
  }

  @Override
  public @Nullable NodeId localId() {
    return localId;
  }

  @Override
  public @Nullable NodeId remoteId() {
    return remoteId;
  }

  @Override
  public Address remoteAddress() {
    return remoteAddress;
  }

  @Override
  public void send(ByteBuffer... parts) {
    int length = 0;
    for (ByteBuffer part : parts) {
      length += part.remaining();
    }
    Invariant.check(length <= FRAME_BYTES_MAX, "a frame has a bounded size", length);
    awaitRoom(length);
    ByteBuf frame = channel.alloc().ioBuffer(WireLimits.FRAME_LENGTH_BYTES + length);
    frame.writeInt(length);
    for (ByteBuffer part : parts) {
      frame.writeBytes(part);
    }
    outgoing.add(frame);
    if (drainPending.compareAndSet(false, true)) {
      onLoop(this::drain);
    }
  }

  private void awaitRoom(int length) {
    gate.lock();
    try {
      gate.await(() -> closed || ended || outgoingBytes < OUTGOING_BYTES_MAX, Deadline.NEVER);
      if (closed || ended) {
        throw new GarageException.Unreachable("the connection is closed");
      }
      outgoingBytes += length;
    } finally {
      gate.unlock();
    }
  }

  private void onLoop(Runnable action) {
    try {
      channel.eventLoop().execute(action);
    } catch (RejectedExecutionException e) { // the network is being closed
      gate.update(() -> ended = true);
      for (ByteBuf frame = outgoing.poll(); frame != null; frame = outgoing.poll()) {
        frame.release();
      }
    }
  }

  /** On the event loop: writes all frames there are, with one flush. */
  private void drain() {
    drainPending.set(false); // first: a frame added from now on brings another drain
    for (ByteBuf frame = outgoing.poll(); frame != null; frame = outgoing.poll()) {
      int bytes = frame.readableBytes() - WireLimits.FRAME_LENGTH_BYTES;
      var _ = channel.write(frame).addListener(done -> written(done.isSuccess(), bytes));
    }
    channel.flush();
  }

  private void written(boolean success, int bytes) {
    gate.lock();
    try {
      boolean wasFull = outgoingBytes >= OUTGOING_BYTES_MAX;
      outgoingBytes -= bytes;
      ended |= !success;
      if (wasFull || ended) {
        gate.signal();
      }
    } finally {
      gate.unlock();
    }
  }

  @Override
  public @Nullable ByteBuffer receive() {
    boolean resume;
    ByteBuffer frame;
    gate.lock();
    try {
      gate.await(() -> closed || ended || !incoming.isEmpty(), Deadline.NEVER);
      frame = closed ? null : incoming.poll();
      if (frame == null) {
        return null;
      }
      incomingBytes -= frame.remaining();
      resume = paused && incomingBytes <= INCOMING_BYTES_MAX / 2;
    } finally {
      gate.unlock();
    }
    if (resume) {
      onLoop(this::resumeReading);
    }
    return frame;
  }

  @Override
  public void close() {
    gate.update(() -> closed = true);
    onLoop(this::linger);
  }

  private void linger() {
    drain();
    if (channel.isOpen()) {
      var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      var _ = channel.eventLoop().schedule(this::closeNow, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void closeNow() {
    var _ = channel.close();
  }

  // --- on the event loop, which alone decides whether the channel reads

  private void resumeReading() {
    boolean resume = gate.locked(() -> incomingBytes <= INCOMING_BYTES_MAX / 2);
    if (paused && resume) {
      paused = false;
      channel.config().setAutoRead(true);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
    ByteBuffer frame = ByteBuffer.allocate(bytes.readableBytes());
    bytes.readBytes(frame);
    frame.flip();
    gate.lock();
    try {
      incoming.add(frame);
      incomingBytes += frame.remaining();
      if (!paused && incomingBytes > INCOMING_BYTES_MAX) {
        paused = true;
        channel.config().setAutoRead(false);
      }
      gate.signal();
    } finally {
      gate.unlock();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gate.update(() -> ended = true);
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    closeNow();
  }
}
