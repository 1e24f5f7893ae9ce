package garage.http.netty;

import io.netty.buffer.ByteBuf;

/** Where a request's task puts the bytes of its response; every method may be called anywhere. */
interface Outlet {
  /** A buffer to fill. */
  ByteBuf allocate(int bytes);

  /**
   * Sends a buffer and releases it; {@code released} runs once, usually on the event loop, when the
   * socket has taken it or the connection has ended.
   */
  void send(ByteBuf bytes, Runnable released);

  /** Sends the response's last buffer; then the connection goes on, or closes. */
  void finish(ByteBuf last, Runnable released, boolean close);

  /** Ends the connection at once, so that the client sees that the response is not whole. */
  void cut();
}
