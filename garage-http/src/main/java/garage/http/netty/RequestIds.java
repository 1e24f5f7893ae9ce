package garage.http.netty;

import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ids of requests: a counter from a random start, through SplitMix64's finalizer. That is a
 * bijection, so no id repeats, and neighbours look nothing alike.
 */
final class RequestIds {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final AtomicLong counter;

  RequestIds(long start) {
    counter = new AtomicLong(start);
  }

  String next() {
    long z = counter.getAndAdd(0x9E3779B97F4A7C15L);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return HEX.toHexDigits(z ^ (z >>> 31));
  }
}
