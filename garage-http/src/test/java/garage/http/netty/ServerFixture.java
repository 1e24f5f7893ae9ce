package garage.http.netty;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemRandom;
import garage.common.env.system.SystemTasks;
import garage.http.HttpHandler;
import garage.http.HttpServerSettings;
import garage.http.HttpServerSettings.Limits;
import garage.http.HttpServerSettings.Timeouts;
import java.time.Duration;

/** Real servers on the loopback interface, with settings that differ from the defaults. */
final class ServerFixture {
  static final Clock CLOCK = new SystemClock();

  private ServerFixture() {}

  static NettyHttpServer start(HttpHandler handler) {
    return start(Limits.DEFAULT, Timeouts.DEFAULT, handler);
  }

  static NettyHttpServer start(Limits limits, Timeouts timeouts, HttpHandler handler) {
    Address anyPort = new Address("127.0.0.1", 0);
    return NettyHttpServer.start(
        new HttpServerSettings(anyPort, 2, limits, timeouts),
        handler,
        CLOCK,
        new SystemTasks(),
        new SystemRandom());
  }

  static Limits connections(int max) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        d.requestLineBytesMax(),
        d.headBytesMax(),
        d.fieldsMax(),
        max,
        d.receiveBufferBytes(),
        d.receiveBytesMax(),
        d.sendBufferBytes(),
        d.sendBytesMax(),
        d.drainBytesMax(),
        d.bytesPerSecondMin());
  }

  static Limits bytesPerSecond(int min) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        d.requestLineBytesMax(),
        d.headBytesMax(),
        d.fieldsMax(),
        d.connectionsMax(),
        d.receiveBufferBytes(),
        d.receiveBytesMax(),
        d.sendBufferBytes(),
        d.sendBytesMax(),
        d.drainBytesMax(),
        min);
  }

  static Limits heads(int requestLineBytesMax, int headBytesMax, int fieldsMax) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        requestLineBytesMax,
        headBytesMax,
        fieldsMax,
        d.connectionsMax(),
        d.receiveBufferBytes(),
        d.receiveBytesMax(),
        d.sendBufferBytes(),
        d.sendBytesMax(),
        d.drainBytesMax(),
        d.bytesPerSecondMin());
  }

  static Limits sending(int sendBufferBytes, long sendBytesMax) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        d.requestLineBytesMax(),
        d.headBytesMax(),
        d.fieldsMax(),
        d.connectionsMax(),
        d.receiveBufferBytes(),
        d.receiveBytesMax(),
        sendBufferBytes,
        sendBytesMax,
        d.drainBytesMax(),
        d.bytesPerSecondMin());
  }

  static Timeouts head(Duration head) {
    Timeouts d = Timeouts.DEFAULT;
    return new Timeouts(head, d.keepAlive(), d.bodyIdle(), d.writeIdle(), d.drain(), d.shutdown());
  }

  static Timeouts keepAlive(Duration keepAlive) {
    Timeouts d = Timeouts.DEFAULT;
    return new Timeouts(d.head(), keepAlive, d.bodyIdle(), d.writeIdle(), d.drain(), d.shutdown());
  }

  static Timeouts bodyIdle(Duration bodyIdle) {
    Timeouts d = Timeouts.DEFAULT;
    return new Timeouts(d.head(), d.keepAlive(), bodyIdle, d.writeIdle(), d.drain(), d.shutdown());
  }

  static Timeouts writeIdle(Duration writeIdle) {
    Timeouts d = Timeouts.DEFAULT;
    return new Timeouts(d.head(), d.keepAlive(), d.bodyIdle(), writeIdle, d.drain(), d.shutdown());
  }

  static Timeouts shutdown(Duration shutdown) {
    Timeouts d = Timeouts.DEFAULT;
    return new Timeouts(d.head(), d.keepAlive(), d.bodyIdle(), d.writeIdle(), d.drain(), shutdown);
  }
}
