package garage.rpc.jdk;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.wire.WireLimits;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** An anonymous connection on a blocking socket. */
final class JdkConnection implements Connection {
  private final SSLSocket socket;
  private final NodeId remoteId;
  private final Address remoteAddress;
  private final DataInputStream in;
  private final OutputStream out;
  private final ReentrantLock sending = new ReentrantLock();

  JdkConnection(SSLSocket socket, NodeId remoteId, Address remoteAddress) throws IOException {
    this.socket = socket;
    this.remoteId = remoteId;
    this.remoteAddress = remoteAddress;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  @Override
  public @Nullable NodeId localId() {
    return null;
  }

  @Override
  public NodeId remoteId() {
    return remoteId;
  }

  @Override
  public Address remoteAddress() {
    return remoteAddress;
  }

  /** How long a {@link #receive} may wait; it throws TimedOut then. */
  void receiveTimeMax(int millis) {
    try {
      socket.setSoTimeout(millis);
    } catch (SocketException e) {
      throw new GarageException.Unreachable("the connection is closed", e);
    }
  }

  @Override
  public void send(ByteBuffer... parts) {
    int length = 0;
    for (ByteBuffer part : parts) {
      length += part.remaining();
    }
    ByteBuffer frame = ByteBuffer.allocate(WireLimits.FRAME_LENGTH_BYTES + length).putInt(length);
    for (ByteBuffer part : parts) {
      frame.put(part);
    }
    sending.lock();
    try {
      out.write(frame.array());
    } catch (IOException e) {
      throw new GarageException.Unreachable("the connection is lost: " + e.getMessage(), e);
    } finally {
      sending.unlock();
    }
  }

  @Override
  public @Nullable ByteBuffer receive() {
    try {
      int length = in.readInt();
      if (length < 0 || length > FRAME_BYTES_MAX) {
        throw new GarageException.Corrupt("a frame of " + length + " bytes");
      }
      byte[] frame = new byte[length];
      in.readFully(frame);
      return ByteBuffer.wrap(frame);
    } catch (EOFException e) {
      return null;
    } catch (SocketTimeoutException e) {
      throw new GarageException.TimedOut("no answer of " + remoteAddress + " in time");
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new GarageException.Unreachable("the connection cannot be closed", e);
    }
  }
}
