package garage.rpc.netty;

import garage.common.check.Invariant;
import org.jspecify.annotations.Nullable;

/**
 * How the network is set up.
 *
 * @param eventLoops threads that move bytes
 * @param nativeEngines whether BoringSSL and epoll are used where they are available
 * @param outgoingHost the local IP address that connections are made from; null for any
 */
public record NettySettings(int eventLoops, boolean nativeEngines, @Nullable String outgoingHost) {
  public NettySettings {
    Invariant.check(eventLoops > 0, "a network has a thread", eventLoops);
  }

  /** Two threads, native engines, any local address. */
  public static NettySettings defaults() {
    return new NettySettings(2, true, null);
  }
}
