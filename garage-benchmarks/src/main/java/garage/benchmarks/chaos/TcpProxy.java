package garage.benchmarks.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Stands before one node's RPC port, and drops or swallows what goes through it when told to. */
final class TcpProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int SWALLOW_LOOK_MILLIS = 50;

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean swallowing;

  /** Listens on loopback's {@code port}, and forwards to its {@code target}. */
  TcpProxy(int port, int target) {
    this.target = target;
    try {
      this.listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException("port " + port, e);
    }
    Thread.ofVirtual().name("proxy " + port).start(this::accept);
  }

  /** Resets every connection; new ones are forwarded. */
  void dropAll() {
    open.forEach(socket -> {
      reset(socket);
      close(socket);
    });
  }

  /**
   * From now on connections stay open and new ones are accepted, but no byte arrives: each end
   * believes that the other is silent.
   */
  void swallow(boolean whether) {
    swallowing = whether;
    if (!whether) {
      dropAll(); // what was swallowed in the middle of a stream cannot be mended
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        open.add(near);
        Thread.ofVirtual().start(() -> connect(near));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket near) {
    Socket far = new Socket();
    open.add(far);
    try {
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      far.setTcpNoDelay(true);
      near.setTcpNoDelay(true);
    } catch (IOException e) {
      end(near, far);
      return;
    }
    Thread.ofVirtual().start(() -> pump(near, far));
    pump(far, near);
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        while (swallowing && !from.isClosed()) {
          Thread.sleep(SWALLOW_LOOK_MILLIS);
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException | InterruptedException e) {
      // one end is gone; so is the other now
    } finally {
      end(from, to);
    }
  }

  private void end(Socket a, Socket b) {
    close(a);
    close(b);
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // closed already
    }
  }

  private void close(@Nullable Socket socket) {
    if (socket != null) {
      open.remove(socket);
      try {
        socket.close();
      } catch (IOException e) {
        // it is of no use any more
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    open.forEach(this::close);
  }
}
