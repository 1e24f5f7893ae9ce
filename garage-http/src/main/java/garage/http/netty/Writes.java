package garage.http.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A connection's outgoing buffers, on its event loop. A client that does not take one whole buffer
 * within the timeout is cut off; the timer exists only while a buffer waits.
 */
final class Writes {
  private final Channel channel;
  private final Duration stallMax;
  private final Runnable stalled;
  private int unwritten;
  private long written;
  private boolean watching;

  Writes(Channel channel, Duration stallMax, Runnable stalled) {
    this.channel = channel;
    this.stallMax = stallMax;
    this.stalled = stalled;
  }

  /**
   * Sends a buffer and releases it. {@code released} runs then in any case, and after it {@code
   * done} if the socket has taken the buffer.
   */
  void write(ByteBuf bytes, Runnable released, Runnable done) {
    unwritten++;
    ChannelFuture write = channel.writeAndFlush(bytes);
    write.addListener(future -> {
      unwritten--;
      written++;
      released.run();
      if (future.isSuccess()) {
        done.run();
      } else {
        var _ = channel.close();
      }
    });
    if (!write.isDone() && !watching) {
      watch();
    }
  }

  private void watch() {
    watching = true;
    long seen = written;
    var _ =
        channel.eventLoop().schedule(() -> look(seen), stallMax.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void look(long seen) {
    watching = false;
    if (unwritten > 0 && written == seen) {
      stalled.run();
    } else if (unwritten > 0) {
      watch();
    }
  }
}
