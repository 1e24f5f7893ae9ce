package garage.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Connections that work at once, each on a platform thread of its own: a thread that blocks in a
 * read costs this process less than a virtual one, which asks a poller. They are kept from one run
 * to the next.
 */
final class Load implements AutoCloseable {
  /** For what is under way when the time is over; then the connections are cut off. */
  private static final Duration GRACE = Duration.ofMinutes(2);

  /** More of them say nothing new. */
  private static final int ERRORS_MAX = 50;

  private final List<Connection> connections = new ArrayList<>();

  /** The connections go to the nodes of {@code targets} in turn. */
  Load(List<Connection.Target> targets, int concurrency) {
    for (int i = 0; i < concurrency; i++) {
      connections.add(new Connection(targets.get(i % targets.size())));
    }
  }

  /** What was done, and from the start to the end of the last operation how long it took. */
  record Outcome(Recorder recorder, long elapsedNanos) {}

  /** Works for {@code time}, or until there is nothing left to do. */
  Outcome run(Work work, Duration time) throws InterruptedException {
    long start = System.nanoTime();
    long end = start + time.toNanos();
    AtomicLong errors = new AtomicLong();
    List<Recorder> recorders = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (Connection connection : connections) {
      Recorder recorder = new Recorder();
      recorders.add(recorder);
      Runnable loop = () -> loop(connection, work, recorder, end, errors);
      threads.add(Thread.ofPlatform().name("load-" + threads.size()).start(loop));
    }
    join(threads, end + GRACE.toNanos());
    long elapsed = System.nanoTime() - start;
    Recorder total = new Recorder();
    recorders.forEach(total::add);
    return new Outcome(total, elapsed);
  }

  private static void loop(
      Connection connection, Work work, Recorder recorder, long end, AtomicLong errors) {
    boolean mayBegin = true; // once at least, however short the time
    while (true) {
      try {
        if (!work.step(connection, recorder, mayBegin)) {
          return;
        }
      } catch (IOException | RequestFailed e) {
        recorder.failed(e);
        errors.incrementAndGet();
      }
      mayBegin = System.nanoTime() < end && errors.get() < ERRORS_MAX;
    }
  }

  private void join(List<Thread> threads, long latest) throws InterruptedException {
    for (Thread thread : threads) {
      Duration left = Duration.ofNanos(Math.max(1, latest - System.nanoTime()));
      if (!thread.join(left)) {
        connections.forEach(Connection::close);
        thread.join();
      }
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
  }
}
