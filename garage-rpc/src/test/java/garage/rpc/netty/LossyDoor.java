package garage.rpc.netty;

import garage.common.env.Address;
import garage.common.env.Tasks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Stands before a port: closes the first connections, and passes on what comes on the later. */
final class LossyDoor implements AutoCloseable {
  private final ServerSocket listener;
  private final Address target;
  private final Tasks tasks;

  /** Closes {@code lost} connections. */
  LossyDoor(Address target, int lost, Tasks tasks) throws IOException {
    this.listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    this.target = target;
    this.tasks = tasks;
    tasks.start("door", () -> accept(lost));
  }

  Address address() {
    return new Address("127.0.0.1", listener.getLocalPort());
  }

  private void accept(int lost) {
    try {
      for (int i = 0; i < lost; i++) {
        listener.accept().close();
      }
      while (true) {
        Socket near = listener.accept();
        Socket far = new Socket(target.host(), target.port());
        tasks.start("in", () -> pass(near, far));
        tasks.start("out", () -> pass(far, near));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one end is gone; so is the other now
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
