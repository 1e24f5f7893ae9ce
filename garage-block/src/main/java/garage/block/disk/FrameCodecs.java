package garage.block.disk;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import java.util.ArrayDeque;
import java.util.Deque;

/** Lends {@link FrameCodec}s, which hold native memory, to many tasks. */
final class FrameCodecs implements AutoCloseable {
  /** Lent at one time: more would only wait for the same cores; each holds about 1 MiB. */
  private static final int LENT_MAX = 16;

  /** Kept for the next task: what a node without traffic holds on to. */
  private static final int IDLE_MAX = 2;

  private final Gate gate;
  private final Deque<FrameCodec> idle = new ArrayDeque<>();
  private int lent;

  FrameCodecs(Clock clock) {
    gate = new Gate(clock);
  }

  /** Waits for a codec; every borrower gives it back soon, whatever happens. */
  FrameCodec take() {
    gate.lock();
    try {
      gate.await(() -> lent < LENT_MAX, Deadline.NEVER);
      lent++;
      FrameCodec codec = idle.poll();
      return codec == null ? new FrameCodec() : codec;
    } finally {
      gate.unlock();
    }
  }

  void give(FrameCodec codec) {
    gate.update(() -> {
      lent--;
      if (idle.size() < IDLE_MAX) {
        idle.push(codec);
      } else {
        codec.close();
      }
    });
  }

  @Override
  public void close() {
    gate.update(() -> {
      idle.forEach(FrameCodec::close);
      idle.clear();
    });
  }
}
