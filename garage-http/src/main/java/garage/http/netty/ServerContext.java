package garage.http.netty;

import garage.common.env.Clock;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.http.HttpHandler;
import garage.http.HttpServerSettings;
import java.time.Duration;

/** What the connections of one server share. */
record ServerContext(
    HttpServerSettings settings,
    HttpHandler handler,
    Clock clock,
    Tasks tasks,
    Connections connections,
    RequestIds ids,
    ReceiveBudget heads,
    BodyPipe.Context pipes,
    Exchange.Context exchanges,
    Writes.Rate writeRate) {

  /**
   * Bytes of unfinished heads and of requests sent ahead, over all connections: enough for 20,000
   * clients that each stop within their head's first kilobyte. Beyond it unfinished heads are
   * refused.
   */
  private static final long HEAD_BYTES_TOTAL_MAX = 32L << 20;

  static ServerContext of(
      HttpServerSettings settings,
      HttpHandler handler,
      Clock clock,
      Tasks tasks,
      RandomSource random) {
    HttpServerSettings.Limits limits = settings.limits();
    HttpServerSettings.Timeouts timeouts = settings.timeouts();
    return new ServerContext(
        settings,
        handler,
        clock,
        tasks,
        new Connections(clock, limits.connectionsMax()),
        new RequestIds(random.nextLong()),
        new ReceiveBudget(HEAD_BYTES_TOTAL_MAX),
        new BodyPipe.Context(
            clock,
            new ReceiveBudget(limits.receiveBytesMax()),
            timeouts.bodyIdle().toNanos(),
            bytesPerWindow(limits, timeouts.bodyIdle())),
        new Exchange.Context(
            handler,
            clock,
            new HttpDate(clock),
            limits.sendBufferBytes(),
            new SendBudget(clock, limits.sendBytesMax(), timeouts.writeIdle())),
        new Writes.Rate(
            clock, timeouts.writeIdle().toNanos(), bytesPerWindow(limits, timeouts.writeIdle())));
  }

  private static long bytesPerWindow(HttpServerSettings.Limits limits, Duration window) {
    return Math.max(1, limits.bytesPerSecondMin() * window.toMillis() / 1000);
  }
}
