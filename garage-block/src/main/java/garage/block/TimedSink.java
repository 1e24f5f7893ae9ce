package garage.block;

import garage.block.disk.BlockSink;
import garage.common.env.Clock;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Tells the time a read takes from the time its taker does. */
final class TimedSink implements BlockSink {
  private final BlockSink sink;
  private final Clock clock;
  private final long begin;
  private long inSink;

  TimedSink(BlockSink sink, Clock clock) {
    this.sink = sink;
    this.clock = clock;
    this.begin = clock.nanos();
  }

  @Override
  public ByteBuffer buffer(int bytes) {
    return sink.buffer(bytes);
  }

  @Override
  public void accept(ByteBuffer bytes) {
    long before = clock.nanos();
    sink.accept(bytes);
    inSink += clock.nanos() - before;
  }

  /** How long everything but the sink took since this was made. */
  Duration elsewhere() {
    return Duration.ofNanos(clock.nanos() - begin - inSink);
  }
}
