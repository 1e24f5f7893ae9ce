package garage.http.netty;

import garage.common.env.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.TimeUnit;

/**
 * A connection's outgoing buffers, on its event loop. A client that takes less than the least rate
 * is cut off: measured over a window of time in which buffers waited for it, so that a slow handler
 * is no fault of the client's, and one that takes a little now and then cannot hold memory for
 * ever. The timer exists only while a buffer waits.
 */
final class Writes {
  /** The least rate. */
  record Rate(Clock clock, long windowNanos, long bytesPerWindowMin) {}

  private static final long NOT_WAITING = Long.MIN_VALUE;

  private final Channel channel;
  private final Rate rate;
  private final Runnable tooSlow;
  private int unwritten;
  private long writtenBytes;
  private boolean watching;
  private long waitingSince = NOT_WAITING;
  private long waitedNanos;
  private long takenBefore;

  Writes(Channel channel, Rate rate, Runnable tooSlow) {
    this.channel = channel;
    this.rate = rate;
    this.tooSlow = tooSlow;
  }

  /**
   * Sends a buffer and releases it. {@code released} runs then in any case, and after it {@code
   * done} if the socket has taken the buffer.
   */
  void write(ByteBuf bytes, Runnable released, Runnable done) {
    int length = bytes.readableBytes();
    unwritten++;
    ChannelFuture write = channel.writeAndFlush(bytes);
    write.addListener(future -> {
      unwritten--;
      writtenBytes += length;
      endWaiting();
      released.run();
      if (future.isSuccess()) {
        done.run();
      } else {
        var _ = channel.close();
      }
    });
    if (!write.isDone()) {
      beginWaiting();
    }
  }

  private void beginWaiting() {
    if (waitingSince == NOT_WAITING) {
      waitingSince = rate.clock().nanos();
    }
    if (!watching) {
      watch();
    }
  }

  private void endWaiting() {
    if (unwritten == 0 && waitingSince != NOT_WAITING) {
      waitedNanos += rate.clock().nanos() - waitingSince;
      waitingSince = NOT_WAITING;
    }
  }

  private void watch() {
    watching = true;
    long left = Math.max(1, rate.windowNanos() - waitedNanos);
    var _ = channel.eventLoop().schedule(this::look, left, TimeUnit.NANOSECONDS);
  }

  private void look() {
    watching = false;
    if (waitingSince == NOT_WAITING) {
      return;
    }
    long now = rate.clock().nanos();
    waitedNanos += now - waitingSince;
    waitingSince = now;
    if (waitedNanos >= rate.windowNanos()) {
      long taken = writtenBytes + progress();
      if (taken - takenBefore < rate.bytesPerWindowMin()) {
        tooSlow.run();
        return;
      }
      waitedNanos = 0;
      takenBefore = taken;
    }
    watch();
  }

  /** What the socket has taken of the buffer it has not taken whole. */
  private long progress() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null ? 0 : pending.currentProgress();
  }
}
