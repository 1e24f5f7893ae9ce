package garage.http;

import garage.common.env.Address;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a server listens and what it bears.
 *
 * @param certificates for TLS; null for plain HTTP
 */
public record HttpServerSettings(
    Address bind,
    int ioThreads,
    Limits limits,
    Timeouts timeouts,
    @Nullable Certificates certificates) {

  /**
   * Sizes and counts.
   *
   * @param requestLineBytesMax a key of 1024 bytes takes 3 KiB encoded, a presigned query 2 KiB
   * @param headBytesMax request line and header fields together
   * @param fieldsMax header fields of one request
   * @param connectionsMax open at once; beyond it one that is idle makes room
   * @param receiveBufferBytes the largest single read from a connection
   * @param receiveBytesMax body bytes received and not yet read by handlers, over all connections;
   *     beyond it a connection receives only while its handler waits
   * @param sendBufferBytes response bytes a connection holds unsent before its handler waits
   * @param sendBytesMax response bytes held unsent over all connections; half of it is for
   *     connections that hold none, and beyond it handlers wait
   * @param drainBytesMax of an unwanted body, read and dropped so that the client sees the reply
   * @param bytesPerSecondMin the least rate of a body, either way, averaged over the idle timeout
   */
  public record Limits(
      int requestLineBytesMax,
      int headBytesMax,
      int fieldsMax,
      int connectionsMax,
      int receiveBufferBytes,
      long receiveBytesMax,
      int sendBufferBytes,
      long sendBytesMax,
      long drainBytesMax,
      int bytesPerSecondMin) {
    public static final Limits DEFAULT =
        new Limits(
            16 << 10, 32 << 10, 256, 20_000, 64 << 10, 32L << 20, 256 << 10, 48L << 20, 64L << 20,
            512);

    public Limits {
      positive(requestLineBytesMax, "requestLineBytesMax");
      positive(headBytesMax, "headBytesMax");
      positive(fieldsMax, "fieldsMax");
      positive(connectionsMax, "connectionsMax");
      positive(receiveBufferBytes, "receiveBufferBytes");
      positive(receiveBytesMax, "receiveBytesMax");
      positive(sendBufferBytes, "sendBufferBytes");
      positive(sendBytesMax, "sendBytesMax");
      positive(drainBytesMax, "drainBytesMax");
      positive(bytesPerSecondMin, "bytesPerSecondMin");
    }
  }

  /**
   * How long a client may take.
   *
   * @param head from a request's first byte to the end of its head
   * @param keepAlive from a reply, or the connection's start, to the next request's first byte
   * @param bodyIdle the span over which a request body must keep the least rate
   * @param writeIdle the span over which a response must keep the least rate
   * @param drain for dropping an unwanted body
   * @param shutdown for requests under way when the server closes
   */
  public record Timeouts(
      Duration head,
      Duration keepAlive,
      Duration bodyIdle,
      Duration writeIdle,
      Duration drain,
      Duration shutdown) {
    public static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofSeconds(20),
            Duration.ofSeconds(75),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10));

    public Timeouts {
      positive(head.toNanos(), "head");
      positive(keepAlive.toNanos(), "keepAlive");
      positive(bodyIdle.toNanos(), "bodyIdle");
      positive(writeIdle.toNanos(), "writeIdle");
      positive(drain.toNanos(), "drain");
      positive(shutdown.toNanos(), "shutdown");
    }
  }

  public HttpServerSettings {
    positive(ioThreads, "ioThreads");
  }

  /** Plain HTTP. */
  public HttpServerSettings(Address bind, int ioThreads, Limits limits, Timeouts timeouts) {
    this(bind, ioThreads, limits, timeouts, null);
  }

  /** Everything but the address by default; port 0 takes any free port. */
  public static HttpServerSettings at(Address bind) {
    return new HttpServerSettings(bind, 2, Limits.DEFAULT, Timeouts.DEFAULT);
  }

  /** These settings, with TLS if {@code present} is not null. */
  public HttpServerSettings withCertificates(@Nullable Certificates present) {
    return new HttpServerSettings(bind, ioThreads, limits, timeouts, present);
  }

  private static void positive(long value, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive: " + value);
    }
  }
}
